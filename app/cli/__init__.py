"""The command `secretspace`; a module for each of its subcommands."""

from app.cli.program import main

__all__ = ["main"]
