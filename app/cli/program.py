"""The program: all commands, and what a failure looks like from outside."""

import logging
import signal
import sys

import structlog
import typer

from app.cli import accounts, dev, doctor, manifests, openapi, problems_page, serve, settings_page
from app.cli.failure import EXPECTED, sentence

program = typer.Typer(
    help="Manage Kubernetes Secrets per workspace and project, each request under the caller's own rights.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they print local variables, and a local variable can be a password
    rich_markup_mode=None,
)
program.command()(serve.serve)
program.command()(dev.dev)
program.command()(manifests.manifests)
program.command()(doctor.doctor)
program.command()(openapi.openapi)
program.command()(settings_page.settings)
program.command()(problems_page.problems)
program.add_typer(accounts.program, name="accounts")


def main() -> None:
    """Run one command; what can be foreseen to fail is told in one sentence on standard error, with exit code 1."""
    # As Ctrl-C does, it unwinds the stack: child processes and half-written files are left in good order.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    _be_quiet()
    try:
        program()
    except EXPECTED as failure:
        typer.echo(f"secretspace: {sentence(failure)}", err=True)
        sys.exit(1)


def _be_quiet() -> None:
    """Let a command speak for itself; the service sets up its log when it starts (`app.logs`)."""
    logging.getLogger().addHandler(logging.NullHandler())
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
