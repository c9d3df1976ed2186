"""A route that reads its request strictly: nothing unknown, nothing twice, nothing half understood."""

from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Final

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.responses import Response
from typing_extensions import override

from app.domain.errors import InvalidError, UnsupportedEncodingError, UnsupportedMediaTypeError
from app.domain.fault import Fault, Violation
from app.openapi import ACCEPTS
from app.schemas.json_body import parse_json

JSON: Final = "application/json"
MERGE_PATCH: Final = "application/merge-patch+json"


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
        reads_json = self.body_field is not None
        takes_body = reads_json or "requestBody" in (self.openapi_extra or {})

        async def strictly(request: Request) -> Response:
            _check_query(request, scalars, lists)
            if reads_json:
                request = await _StrictRequest.read(request, accepted)
            elif not takes_body:
                await _refuse_body(request)
            return await handle(request)

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


async def _refuse_body(request: Request) -> None:
    """Refuse a body that would be passed over: a `{"dryRun": ["All"]}` with a DELETE must not seem to be heeded."""
    announced = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    if announced and await request.body():
        raise InvalidError([Violation("", Fault.BODY_NOT_EXPECTED)])


def require_media_type(headers: Headers, accepted: tuple[str, ...]) -> str:
    """The media type of a body; one that is not accepted is refused, and so is a body that is compressed.

    Parameters such as charset are passed over.

    Raises:
        UnsupportedMediaTypeError: the media type is another one, or not said.
        UnsupportedEncodingError: the body is compressed: a few bytes could become any number of them.
    """
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in accepted or len(headers.getlist("content-type")) != 1:
        raise UnsupportedMediaTypeError(accepted)
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise UnsupportedEncodingError
    return media_type


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
