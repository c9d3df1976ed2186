"""The API's documentation: the OpenAPI document, Swagger UI over it, and a page on every kind of problem.

Swagger UI is part of the package (`npm pack swagger-ui-dist@<VERSION>`), and a strict policy keeps the page from
loading anything of another host, or any script that is not a file of ours.
"""

from collections.abc import Awaitable, Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter, FastAPI
from starlette.responses import FileResponse, Response

from app.openapi import dump, schema
from app.problems import PAGE
from app.routers.access import open_access
from app.routers.problem_page import problem_page
from app.routers.route import JSON, StrictRoute

_STATIC: Final = Path(__file__).parent.parent / "static"
_SWAGGER_UI: Final = _STATIC / "swagger-ui"
_PAGE: Final = _STATIC / "docs"

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; "  # the icons in Swagger UI's style sheet
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy of the pages: https://developer.mozilla.org/docs/Web/HTTP/Guides/CSP"""

_FOREVER: Final = "public, max-age=31536000, immutable"
_OPEN: Final = open_access("It describes the API, and holds nothing of anybody.")

_ANSWER = Callable[[], Awaitable[Response]]


def docs_router(app: FastAPI, *, root_path: str) -> APIRouter:
    """The routes of the documentation of `app`, which a proxy publishes under `root_path`."""
    router = APIRouter(route_class=StrictRoute)
    for path, answer in _answers(app, root_path):
        router.add_api_route(path, answer, methods=["GET"], include_in_schema=False, openapi_extra=_OPEN)
    return router


def _answers(app: FastAPI, root_path: str) -> Iterator[tuple[str, _ANSWER]]:
    version = (_SWAGGER_UI / "VERSION").read_text(encoding="ascii").strip()
    index = (_PAGE / "index.html").read_text(encoding="utf-8").replace("{version}", version)

    @cache
    def document() -> bytes:
        return dump(schema(app, root_path=root_path))

    async def openapi() -> Response:
        return Response(document(), media_type=JSON)

    async def swagger_ui() -> Response:
        return _page(index)

    async def problems() -> Response:
        return _page(problem_page())

    yield "/openapi.json", openapi
    yield "/docs", swagger_ui
    yield PAGE, problems
    for name in ("init.js", "page.css"):
        yield f"/docs/{name}", _file(_PAGE / name, {})
    for name in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"):
        yield f"/docs/swagger-ui-{version}/{name}", _file(_SWAGGER_UI / name, {"Cache-Control": _FOREVER})


def _page(html: str) -> Response:
    return Response(html, media_type="text/html", headers={"Content-Security-Policy": POLICY})


def _file(path: Path, headers: dict[str, str]) -> _ANSWER:
    async def answer() -> Response:
        return FileResponse(path, headers=headers)

    return answer
