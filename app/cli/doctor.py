"""`secretspace doctor`: what an installation lacks, what is too wide in it, and which profile is in force."""

import asyncio
import json
import re
from pathlib import Path
from secrets import token_hex
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.doctor.examination import examine
from app.doctor.finding import Report, Severity
from app.doctor.installation import Installation, ServiceAccount
from app.doctor.reading import read_installation
from app.domain.call import Trace
from app.k8s.credentials import Credentials
from app.k8s.impersonation import AsService
from app.k8s.transport import open_transport
from app.settings import Kubernetes

_SECONDS: Final = 60.0
_PLAIN_WIDTH: Final = 120
"""Columns where nobody says how wide the screen is, as in a pipe."""
_STYLES: Final = {Severity.ERROR: "red", Severity.UNKNOWN: "magenta", Severity.WARNING: "yellow", Severity.OK: "green"}
_DEFAULT: Final = ServiceAccount()
_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise typer.BadParameter("Kubernetes has no object of such a name.")
    return text


def doctor(
    kubeconfig: Annotated[
        Path | None, typer.Option(help="Whose rights to look with; else in-cluster, else the usual kubeconfig.")
    ] = None,
    context: Annotated[str | None, typer.Option(help="Its context; else its current one.")] = None,
    namespace: Annotated[str, typer.Option(help="The service's own namespace.", callback=_name)] = _DEFAULT.namespace,
    service_account: Annotated[str, typer.Option(help="The account it runs as.", callback=_name)] = _DEFAULT.name,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 4 where there are warnings.")] = False,
) -> None:
    """Look at an installation, change nothing, and name what is missing or too wide.

    Exits with 0 where all is well, 1 on errors, 3 where no error was found but something could not be looked at.
    """
    cluster = Kubernetes(kubeconfig=kubeconfig, context=context, namespace=namespace)
    report = examine(asyncio.run(_read(cluster, ServiceAccount(namespace, service_account))))
    if as_json:
        typer.echo(as_document(report))
    else:
        _show(report)
    raise typer.Exit(report.exit_code(strict=strict))


def as_document(report: Report) -> str:
    """The report as JSON; names of members are only ever added."""
    findings = [
        {"check": each.check, "severity": each.severity, "subject": each.subject, "message": each.message}
        for each in report.findings
    ]
    return json.dumps({"profile": report.profile, "kubernetes": report.kubernetes, "findings": findings}, indent=2)


async def _read(cluster: Kubernetes, account: ServiceAccount) -> Installation:
    trace = Trace(f"doctor-{token_hex(8)}", asyncio.get_running_loop().time() + _SECONDS)
    async with open_transport(cluster, await Credentials.load(cluster.kubeconfig, cluster.context)) as transport:
        return await read_installation(account, transport, AsService(trace))


def _show(report: Report) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=_PLAIN_WIDTH)
    console.print(_table(report))
    counts = {severity: sum(each.severity is severity for each in report.findings) for severity in Severity}
    told = ", ".join(f"{count} {severity}" for severity, count in counts.items())
    console.print(Text(f"Profile in force: {report.profile}. {told}."))


def _table(report: Report) -> Table:
    table = Table(expand=True)
    table.add_column("severity", no_wrap=True)
    table.add_column("check", no_wrap=True)
    table.add_column("subject", overflow="fold", ratio=2)
    table.add_column("what", overflow="fold", ratio=3)
    for each in report.findings:
        severity = Text(each.severity, style=_STYLES[each.severity])
        table.add_row(severity, each.check, _printable(each.subject), _printable(each.message))
    return table


def _printable(text: str) -> Text:
    """As it is, but for what could steer a terminal: users and groups may have any name."""
    return Text("".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text))
