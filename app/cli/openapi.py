"""`secretspace openapi`: the API's document as the program has it, to be committed and compared."""

from pathlib import Path
from typing import Annotated, Final

import typer

from app.cli.failure import CommandError
from app.main import create_app
from app.openapi import dump, schema
from app.settings import Settings

COMMITTED: Final = Path("openapi/openapi.json")


def openapi(
    output: Annotated[Path | None, typer.Option(help="Write it to this file instead of standard output.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help=f"Print nothing, and fail when {COMMITTED} is not the same.")
    ] = False,
) -> None:
    """Print the OpenAPI document."""
    document = openapi_document()
    if check:
        _compare(document)
    elif output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(document, encoding="utf-8")
    else:
        typer.echo(document, nl=False)


def openapi_document() -> str:
    """The document, the same bytes on every machine: of the defaults, whatever the environment sets."""
    return dump(schema(create_app(Settings.model_construct()))).decode()


def _compare(document: str) -> None:
    committed = COMMITTED.read_text(encoding="utf-8") if COMMITTED.is_file() else ""
    if committed != document:
        raise CommandError(f"{COMMITTED} is not what the program generates: run `make openapi` and commit the result.")
