"""The source as it stands, to be looked at by tests."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Module:
    """A module of the service or of the development cluster."""

    path: str
    """From the root of the repository."""
    text: str

    @property
    def tree(self) -> ast.Module:
        """It, parsed."""
        return ast.parse(self.text, self.path)

    @property
    def imported(self) -> set[str]:
        """The modules that it imports; of `from a import b` both `a` and `a.b`."""
        return {name for node in ast.walk(self.tree) for name in _imported(node)}

    def place(self, node: ast.stmt | ast.expr | ast.excepthandler) -> str:
        """Where a part of it stands."""
        return f"{self.path}:{node.lineno}"


def modules(*folders: str) -> list[Module]:
    """All modules under these folders; with none, all that is shipped."""
    paths = sorted(path for folder in folders or ("app", "devcluster") for path in (ROOT / folder).rglob("*.py"))
    assert paths
    return [Module(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")) for path in paths]


def _imported(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=str(module), names=names):
            yield module
            yield from (f"{module}.{alias.name}" for alias in names)
        case _:
            pass
