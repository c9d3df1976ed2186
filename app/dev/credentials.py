"""The file from which people and scripts take the passwords of the tutorial's accounts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Final, Self

from app.dev.private_file import write_private

_PASSWORD_BYTES: Final = 18


@dataclass(frozen=True, slots=True)
class Credentials:
    """Where the service is and who can sign in."""

    base_url: str
    passwords: Mapping[str, str] = field(repr=False)
    """By account."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """What the file says; nothing where there is none."""
        if not path.is_file():
            return cls("", {})
        document = json.loads(path.read_text(encoding="utf-8"))
        passwords = {name: account["password"] for name, account in document["accounts"].items()}
        return cls(document["baseUrl"], passwords)

    def write(self, path: Path) -> None:
        """Keep it, for the owner of the file alone."""
        accounts = {name: {"password": password} for name, password in self.passwords.items()}
        write_private(path, json.dumps({"baseUrl": self.base_url, "accounts": accounts}, indent=2) + "\n")


def new_password() -> str:
    """A random password, printable and safe in a URL or a shell."""
    return token_urlsafe(_PASSWORD_BYTES)
