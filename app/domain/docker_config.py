"""Registry credentials as Docker writes them: `.dockerconfigjson`, and the older `.dockercfg`.

Both are edited without losing anything: an entry that does not change stays byte for byte, and so does every member
that is not known here (`credHelpers`, `identitytoken`).
Source: https://kubernetes.io/docs/concepts/containers/images/#config-json
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from app.domain.absent import ABSENT, Absent
from app.domain.fault import Fault

_SERVER = re.compile(
    r"(?:https?://)?"
    r"(?:[A-Za-z0-9*](?:[A-Za-z0-9*.-]{0,251}[A-Za-z0-9*])?|\[[0-9A-Fa-f:.]{2,45}\])"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?:/[A-Za-z0-9._~*/-]{0,512})?"
)
"""`*` since kubelet matches globs in host names and paths."""
_BLANK: Final = " \t\r\n"
_MAX_PORT: Final = 65535

_decoder = json.JSONDecoder()


class BrokenDockerConfigError(ValueError):
    """The file cannot be shown as a list of registries; the message is constant and quotes nothing."""


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry and its credential, as a file holds them."""

    server: str
    username: str
    password: str = field(repr=False)
    email: str | None = None


@dataclass(frozen=True, slots=True)
class RegistryEdit:
    """A registry as it shall be; an absent password or e-mail address stays as it is, `email=None` removes it."""

    server: str
    username: str
    password: str | Absent = field(default=ABSENT, repr=False)
    email: str | Absent | None = ABSENT

    def leaves(self, registry: Registry) -> bool:
        """Whether `registry` already is what this asks for."""
        return (
            self.username == registry.username
            and self.password in (ABSENT, registry.password)
            and self.email in (ABSENT, registry.email)
        )


@dataclass(frozen=True, slots=True)
class DockerConfig:
    """A file, its entries both as credentials and as the very text they were read from."""

    registries: tuple[Registry, ...]
    legacy: bool = False
    """Whether the entries are the top level, as in `.dockercfg`, not under `auths`."""
    _entries: Mapping[str, str] = field(default_factory=dict, repr=False)
    _others: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def parse(cls, content: bytes, *, legacy: bool = False) -> "DockerConfig":
        """Read a file.

        Raises:
            BrokenDockerConfigError: not JSON, not of this shape, or with a credential that text cannot hold.
        """
        try:
            members = _members(content.decode())
            entries = members if legacy else _members(members.pop("auths", "{}"))
            registries = tuple(_registry(server, json.loads(text)) for server, text in entries.items())
        except (ValueError, RecursionError):
            raise BrokenDockerConfigError("The docker configuration cannot be read as a list of registries.") from None
        return cls(registries, legacy, entries, {} if legacy else members)

    def edited(self, edits: Sequence[RegistryEdit]) -> bytes | None:
        """The file with just these registries; None when it already says so.

        Every edit that changes something has a password, its own or the kept one.
        """
        now = {registry.server: registry for registry in self.registries}
        if {edit.server for edit in edits} == now.keys() and all(edit.leaves(now[edit.server]) for edit in edits):
            return None
        entries = {edit.server: self._entry(edit, now.get(edit.server)) for edit in edits}
        auths = _object(entries)
        return (auths if self.legacy else _object({"auths": auths} | dict(self._others))).encode()

    def _entry(self, edit: RegistryEdit, registry: Registry | None) -> str:
        if registry is not None and edit.leaves(registry):
            return self._entries[edit.server]
        kept = {} if registry is None else _members(self._entries[edit.server])
        password = edit.password if isinstance(edit.password, str) else registry.password if registry else ""
        email = (registry.email if registry else None) if isinstance(edit.email, Absent) else edit.email
        for name in ("username", "password", "email", "auth"):
            kept.pop(name, None)
        written = {"username": json.dumps(edit.username), "password": json.dumps(password)}
        if email is not None:
            written["email"] = json.dumps(email)
        written["auth"] = json.dumps(base64.b64encode(f"{edit.username}:{password}".encode()).decode())
        return _object(written | kept)


def server_fault(text: str) -> Fault | None:
    """What is wrong with the address of a registry."""
    match = _SERVER.fullmatch(text)
    if match is None or ".." in text:
        return Fault.REGISTRY_SERVER_INVALID
    port = match["port"]
    return Fault.REGISTRY_SERVER_INVALID if port and not 0 < int(port) <= _MAX_PORT else None


def _registry(server: str, entry: Any) -> Registry:
    """A credential; `auth`, where it is there, counts, as it does for kubelet."""
    if not isinstance(entry, dict):
        raise BrokenDockerConfigError
    username, password, email = entry.get("username", ""), entry.get("password", ""), entry.get("email")
    auth = entry.get("auth", "")
    if not all(isinstance(part, str) for part in (username, password, auth, email if email is not None else "")):
        raise BrokenDockerConfigError
    if auth:
        try:
            decoded = base64.b64decode(auth + "=" * (-len(auth) % 4), validate=True)  # kubelet takes it unpadded too
            username, colon, password = decoded.decode().partition(":")
        except binascii.Error:
            raise BrokenDockerConfigError from None
        if not colon:
            raise BrokenDockerConfigError
    f"{server}{username}{password}{email}".encode()  # half a surrogate pair has no UTF-8 form: a ValueError
    return Registry(server, username, password, email)


def _members(text: str) -> dict[str, str]:
    """The members of a JSON object, each value as the text that it was written in.

    Raises:
        ValueError: not an object, or one with a member named twice.
    """
    at = _skip(text, 0)
    if text[at : at + 1] != "{":
        raise ValueError("not an object")
    members: dict[str, str] = {}
    at = _skip(text, at + 1)
    while text[at : at + 1] != "}":
        name, at = _decoder.raw_decode(text, at)
        at = _skip(text, at)
        if not isinstance(name, str) or name in members or text[at : at + 1] != ":":
            raise ValueError("member")
        start = _skip(text, at + 1)
        _, at = _decoder.raw_decode(text, start)
        members[name] = text[start:at]
        at = _skip(text, at)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
            if text[at : at + 1] == "}":
                raise ValueError("comma")
        elif text[at : at + 1] != "}":
            raise ValueError("member")
    if _skip(text, at + 1) != len(text):
        raise ValueError("more than one value")
    return members


def _object(members: Mapping[str, str]) -> str:
    return "{" + ",".join(f"{json.dumps(name)}:{text}" for name, text in members.items()) + "}"


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at
