"""A route that reads its request strictly: nothing unknown, nothing twice, nothing half understood."""

import json
import re
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Final

from typing_extensions import override

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.responses import Response

from app.domain.errors import InvalidError, UnsupportedMediaTypeError
from app.domain.fault import Fault, Violation, pointer

JSON: Final = "application/json"
MERGE_PATCH: Final = "application/merge-patch+json"
MAX_DEPTH: Final = 32
"""How deep a JSON body may be nested; nothing here needs more than ten."""
_STRING: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKET: Final = re.compile(r"[\[\]{}]")
ACCEPTS: Final = "x-accepts"
"""Where a route's `openapi_extra` names the media types of its body, if other than JSON."""


class StrictRoute(APIRoute):
    """Checks the media type, the JSON and the names of the query parameters before FastAPI looks at them.

    FastAPI by itself takes the last of two members of one name, ignores unknown parameters, and turns whatever reading
    the body raises into a plain 400.
    """

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        accepted = tuple((self.openapi_extra or {}).get(ACCEPTS, (JSON,)))
        scalars, lists = _query_parameters(self.dependant)
        reads_body = self.body_field is not None

        async def strictly(request: Request) -> Response:
            _check_query(request, scalars, lists)
            if not reads_body:
                return await handle(request)
            return await handle(await _StrictRequest.read(request, accepted))

        return strictly


class _StrictRequest(Request):
    """A request whose JSON is parsed already."""

    _parsed: Any = None

    @classmethod
    async def read(cls, request: Request, accepted: tuple[str, ...]) -> "_StrictRequest":
        body = await request.body()
        if not body:
            raise InvalidError([Violation("", Fault.BODY_REQUIRED)])
        require_media_type(request.headers, accepted)
        strict = cls(request.scope, request.receive)
        strict._body = body
        strict._parsed = parse_json(body)
        return strict

    @override
    async def json(self) -> Any:
        return self._parsed


def require_media_type(headers: Headers, accepted: tuple[str, ...]) -> None:
    """Refuse a body of a media type that is not accepted; parameters such as charset are passed over.

    Raises:
        UnsupportedMediaTypeError: as said.
    """
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in accepted or len(headers.getlist("content-type")) != 1:
        raise UnsupportedMediaTypeError(accepted)


def parse_json(body: bytes) -> Any:
    """Parse a body strictly (RFC 8259, and I-JSON's rule against duplicate names, RFC 7493).

    Raises:
        InvalidError: not UTF-8, not JSON, nested too deep, a member named twice, half of a surrogate pair, NaN.
    """
    try:
        text = body.decode()
        if _is_too_deep(text):
            raise InvalidError([Violation("", Fault.MALFORMED_JSON)])
        value = json.loads(text, object_pairs_hook=_Members, parse_constant=_refuse_constant)
    except (UnicodeDecodeError, json.JSONDecodeError, _ConstantError, ValueError):
        raise InvalidError([Violation("", Fault.MALFORMED_JSON)]) from None
    violations: list[Violation] = []
    plain = _plain(value, "", violations)
    if violations:
        raise InvalidError(violations)
    return plain


class _Members(list[tuple[str, Any]]):
    """The members of an object in their order, repeated ones too."""


class _ConstantError(Exception):
    """NaN or Infinity, which JSON does not have."""


def _refuse_constant(_: str) -> Any:
    raise _ConstantError


def _is_too_deep(text: str) -> bool:
    """Whether brackets nest deeper than allowed, those inside of strings aside. Python's parser would recurse."""
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            return True
    return False


def _plain(value: Any, at: str, violations: list[Violation]) -> Any:
    """The value with objects as dicts; what is wrong inside of it is noted with its place."""
    if isinstance(value, _Members):
        return _plain_members(value, at, violations)
    if isinstance(value, list):
        return [_plain(item, f"{at}/{index}", violations) for index, item in enumerate(value)]
    if isinstance(value, str) and not _is_encodable(value):
        violations.append(Violation(at, Fault.LONE_SURROGATE))
    return value


def _plain_members(members: _Members, at: str, violations: list[Violation]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name, value in members:
        if not _is_encodable(name):
            violations.append(Violation(at, Fault.LONE_SURROGATE))
            continue
        inner = at + pointer(name)
        if name in plain:
            violations.append(Violation(inner, Fault.DUPLICATE_MEMBER))
        plain[name] = _plain(value, inner, violations)
    return plain


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _query_parameters(dependant: Dependant) -> tuple[frozenset[str], frozenset[str]]:
    """The names of the query parameters: those that may be given once, and those that may be repeated."""
    scalars: set[str] = set()
    lists: set[str] = set()
    for each in _flat(dependant):
        for field in each.query_params:
            annotation = str(field.field_info.annotation)
            (lists if annotation.startswith(("list[", "tuple[", "set[", "frozenset[")) else scalars).add(field.alias)
    return frozenset(scalars), frozenset(lists)


def _flat(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for inner in dependant.dependencies:
        yield from _flat(inner)


def _check_query(request: Request, scalars: frozenset[str], lists: frozenset[str]) -> None:
    violations = []
    names = [name for name, _ in request.query_params.multi_items()]
    for name in dict.fromkeys(names):
        if name not in scalars and name not in lists:
            violations.append(Violation("?" + name[:64], Fault.UNKNOWN_PARAMETER))
        elif name in scalars and names.count(name) > 1:
            violations.append(Violation("?" + name, Fault.REPEATED_PARAMETER))
    if violations:
        raise InvalidError(violations)
