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
_EXAMPLE: Final = "demo-secret"
_ETAG_OF_EXAMPLE: Final = '"MTIz"'
CONTENTS: Final[Mapping[str, Body]] = {
    _EXAMPLE: {"kind": "default", "data": {"usr": f"{MARK}admin", "password": f"{MARK}s3cret"}},
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

_NAME_OF: Final = {content["kind"]: name for name, content in CONTENTS.items()}
_NUMBERS: Final = count()
_HOLDS_VALUES: Final = frozenset({"content", "set", "setIfAbsent", "files"})
_TAKES_YAML: Final = frozenset({"updateSecretYaml", "diffSecret", "newSecretVersion"})
_NO_VALUE: Final = frozenset({"kind", "type", "server", "serviceAccount"})
_NO_VALUE_OF_REGISTRY: Final = _NO_VALUE | {"username", "email"}


def operation_id(case: Generated) -> str:
    """The operation that a request was generated for."""
    return str(case.operation.definition.raw["operationId"])


def aim(case: Generated) -> None:
    """Send a request that is right by the document to where it can be done."""
    if not _is_right(case):
        return
    if case.headers.get("If-Match") == _ETAG_OF_EXAMPLE:
        case.headers["If-Match"] = "*"
    body: Any = case.body
    match operation_id(case), body:
        case "createSecret", {"name": name} if name in CONTENTS:
            case.body = body | {"name": f"{name}-{next(_NUMBERS)}"}
        case "replaceSecretData", {"content": {"kind": kind}}:
            case.path_parameters["name"] = _NAME_OF.get(kind, _EXAMPLE)
        case "upsertSecret", {"content": {"kind": kind}}:
            case.path_parameters["name"] = _NAME_OF.get(kind, _EXAMPLE)
            case.body = body | {"name": case.path_parameters["name"]}
        case "diffSecret" | "newSecretVersion", {"edit": {"content": {"kind": kind}} as edit}:
            case.path_parameters["name"] = _NAME_OF.get(kind, _EXAMPLE)
            case.body = {"edit": {name: part for name, part in edit.items() if name != "name"}}
        case "batchDeleteSecrets", _:
            case.body = {"items": [{"name": f"absent-{next(_NUMBERS)}"}]}  # what is there has to stay
        case "copySecret", _:
            case.body = {"name": f"copy-{next(_NUMBERS)}"}
        case "compareSecrets", _:
            case.body = {"name": _EXAMPLE}
        case _:
            pass


def fit(case: Generated) -> None:
    """Mark the values of a request; one that is right by the document is made right by the rules of its kind too."""
    body: Any = case.body
    match body:
        case str(text) if operation_id(case) == "importSecret" and _is_right(case):
            case.body = f"PASSWORD='{MARK}{len(text)}'\n"
            case.query |= {"name": f"imported-{next(_NUMBERS)}", "format": "env"}
        case {"files": _} if operation_id(case) == "importSecret" and _is_right(case):
            case.query = {name: value for name, value in case.query.items() if name == "dryRun"}
            case.body = marked(body | {"name": f"imported-{next(_NUMBERS)}"})
        case str(text) if operation_id(case) == "createFromYaml" and _is_right(case):
            case.body = _manifest(f"document-{next(_NUMBERS)}", text)
        case str(text) if operation_id(case) in _TAKES_YAML and _is_right(case):
            case.body = _manifest(case.path_parameters["name"], text)
        case {"content": {"kind": _} as content} if _is_right(case):
            case.body = marked(body | {"content": _right(content)})
        case {"edit": {"content": {"kind": _} as content} as edit} if _is_right(case):
            case.body = {"edit": marked(edit | {"content": _right(content)})}
        case {"edit": edit}:
            case.body = body | {"edit": marked(edit)}
        case _:
            case.body = marked(body)


def restores(case: Generated) -> bool:
    """Whether it is right by the document, and puts a version back, which only somebody who looks can name."""
    return operation_id(case) == "restoreSecret" and _is_right(case)


def _is_right(case: Generated) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_positive


def marked(body: Any) -> Any:
    """The body with the mark in whatever is a value by its place."""
    if not isinstance(body, dict):
        return body
    return {name: _marked(part, _NO_VALUE) if name in _HOLDS_VALUES else part for name, part in body.items()}


def _marked(part: Any, unmarked: frozenset[str]) -> Any:
    match part:
        case str():
            return MARK + part
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
