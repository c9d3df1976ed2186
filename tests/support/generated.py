"""What a generator cannot know: values carry the mark, and there are rules that no schema can tell."""

import base64
from collections.abc import Mapping
from itertools import count
from typing import Any, Final

import yaml
from schemathesis import Case

from tests.support.canary import MARK
from tests.support.tls import pair

Generated = Case[Any]
Body = dict[str, Any]

PAIR: Final = pair("demo.example.com")
EXAMPLE: Final = "demo-secret"
CONTENTS: Final[Mapping[str, Body]] = {
    EXAMPLE: {"kind": "default", "data": {"usr": f"{MARK}admin", "password": f"{MARK}s3cret"}},
    "tls": {"kind": "tls", "certificate": PAIR.certificate, "privateKey": PAIR.private_key},
    "image-registry": {
        "kind": "image-registry",
        "registries": [{"server": "registry-0.example.com", "username": "robot", "password": f"{MARK}s3cret"}],
    },
    "account-password": {"kind": "account-password", "username": f"{MARK}admin", "password": f"{MARK}s3cret"},
    "ssh-auth": {"kind": "ssh-auth", "privateKey": f"{MARK}key"},
    "custom": {"kind": "custom", "type": "example.com/custom", "data": {"license": f"{MARK}license"}},
}
"""What requests are aimed at: a Secret of each kind that can be made, the one of the document's examples among them."""

NAME_OF: Final = {content["kind"]: name for name, content in CONTENTS.items()}
"""The Secret of each kind."""

_NUMBERS: Final = count()
_PASSWORDS: Final = frozenset({"password", "newPassword", "currentPassword"})
_HOLDS_VALUES: Final = frozenset({"content", "set", "setIfAbsent", "files"}) | _PASSWORDS
_TAKES_YAML: Final = frozenset({"updateSecretYaml", "diffSecret", "newSecretVersion"})
_NO_VALUE: Final = frozenset({"kind", "type", "server", "serviceAccount"})
_NO_VALUE_OF_REGISTRY: Final = _NO_VALUE | {"username", "email"}


def operation_id(case: Generated) -> str:
    """The operation that a request was generated for."""
    return str(case.operation.definition.raw["operationId"])


def fit(case: Generated) -> None:
    """Mark the values of a request; one that is right by the document is made right by the rules of its kind too."""
    body: Any = case.body
    match body:
        case str(text) if operation_id(case) == "importSecret" and is_right(case):
            case.body = f"PASSWORD='{MARK}{len(text)}'\n"
            case.query |= {"name": f"imported-{next(_NUMBERS)}", "format": "env"}
        case {"files": _} if operation_id(case) == "importSecret" and is_right(case):
            case.query = {name: value for name, value in case.query.items() if name == "dryRun"}
            case.body = marked(body | {"name": f"imported-{next(_NUMBERS)}"})
        case str(text) if operation_id(case) == "createFromYaml" and is_right(case):
            case.body = _manifest(f"document-{next(_NUMBERS)}", text)
        case str(text) if operation_id(case) in _TAKES_YAML and is_right(case):
            case.body = _manifest(case.path_parameters["name"], text)
        case {"content": {"kind": _} as content} if is_right(case):
            case.body = marked(body | {"content": _right(content)})
        case {"edit": {"content": {"kind": _} as content} as edit} if is_right(case):
            case.body = {"edit": marked(edit | {"content": _right(content)})}
        case {"edit": edit}:
            case.body = body | {"edit": marked(edit)}
        case _:
            case.body = marked(body)


def is_right(case: Generated) -> bool:
    """Whether a request was generated to be right by the document."""
    return case.meta is not None and case.meta.generation.mode.is_positive


def marked(body: Any) -> Any:
    """The body with the mark in whatever is a value by its place."""
    if not isinstance(body, dict):
        return body
    return {name: _marked(part, _NO_VALUE) if name in _HOLDS_VALUES else part for name, part in body.items()}


def _marked(part: Any, unmarked: frozenset[str]) -> Any:
    match part:
        case str(text):
            return text if text.startswith(MARK) else MARK + text
        case {"base64": str(text)}:
            return {**part, "base64": _marked_base64(text)}
        case dict():
            return {name: inner if name in unmarked else _marked(inner, _NO_VALUE) for name, inner in part.items()}
        case list():
            return [_marked(inner, _NO_VALUE_OF_REGISTRY) for inner in part]
        case _:
            return part


def _marked_base64(text: str) -> str:
    try:
        return base64.b64encode(MARK.encode() + base64.b64decode(text, validate=True)).decode()
    except ValueError:
        return text


def _right(content: Body) -> Body:
    """The content as its kind takes it."""
    match content:
        case {"kind": "tls"}:
            return content | {"certificate": PAIR.certificate, "privateKey": PAIR.private_key}
        case {"kind": "image-registry", "registries": [*registries]}:
            servers = (f"registry-{number}.example.com" for number in count())
            return content | {"registries": [each | {"server": next(servers)} for each in registries]}
        case {"kind": "custom"}:
            return content | {"type": "example.com/custom"}
        case {"kind": "raw"}:
            return content | {"type": "Opaque"}
        case _:
            return content


def _manifest(name: str, text: str) -> str:
    return str(
        yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": name},
                "stringData": {"password": MARK + text},
            }
        )
    )
