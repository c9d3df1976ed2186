"""Pages of the documentation that the program writes of itself."""

from pathlib import Path
from typing import Annotated

import typer

Output = Annotated[Path | None, typer.Option(help="Write it to this file instead of standard output.")]


def put(page: str, output: Path | None) -> None:
    """Print the page, or write it to a file."""
    if output is None:
        typer.echo(page, nl=False)
    else:
        output.write_text(page, encoding="utf-8")
