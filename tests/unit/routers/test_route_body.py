"""How a strict route takes its body, or the lack of one."""

import gzip
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from app import problems
from app.openapi import ACCEPTS
from app.routers.route import JSON, MERGE_PATCH, StrictRoute
from app.schemas.base import InputModel

JSON_TYPE = {"content-type": JSON}


class Thing(InputModel):
    name: str


router = APIRouter(prefix="/thing", route_class=StrictRoute)


@router.put("")
async def put_thing(thing: Thing) -> str:
    return thing.name


@router.patch("", openapi_extra={ACCEPTS: [JSON, MERGE_PATCH]})
async def patch_thing(thing: Thing) -> str:
    return thing.name


@router.delete("")
async def delete_thing() -> str:
    return "gone"


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI(redirect_slashes=False)
    app.include_router(router)
    problems.install(app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


def codes(answer: httpx.Response) -> list[str]:
    return [item["code"] for item in answer.json()["errors"]]


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


@pytest.mark.parametrize(
    ("method", "media_type"),
    [
        ("PUT", "application/json"),
        ("PUT", "Application/JSON; charset=utf-8"),
        ("PATCH", "application/json"),
        ("PATCH", "application/merge-patch+json"),
    ],
)
async def test_a_body_is_read_once_it_says_what_it_is(client: httpx.AsyncClient, method: str, media_type: str) -> None:
    answer = await client.request(method, "/thing", content=b'{"name": "a"}', headers={"content-type": media_type})

    assert (answer.status_code, answer.json()) == (200, "a")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": ""},
        {"content-type": "text/plain"},
        {"content-type": "application/merge-patch+json"},
        {"content-type": "application/jsonp"},
        [("content-type", "application/json"), ("content-type", "text/plain")],
    ],
    ids=str,
)
async def test_a_body_of_another_media_type_is_refused_unread(client: httpx.AsyncClient, headers: Any) -> None:
    answer = await client.put("/thing", content=b"{", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert answer.headers["accept"] == JSON


async def test_a_compressed_body_is_refused(client: httpx.AsyncClient) -> None:
    body = gzip.compress(b'{"name": "a"}')

    answer = await client.put("/thing", content=body, headers=JSON_TYPE | {"content-encoding": "gzip"})

    assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_ENCODING")
    assert answer.headers["accept-encoding"] == "identity"


async def test_a_missing_body_is_asked_for(client: httpx.AsyncClient) -> None:
    answer = await client.put("/thing", headers=JSON_TYPE)

    assert answer.status_code == 422
    assert codes(answer) == ["BODY_REQUIRED"]


async def test_what_is_wrong_with_the_json_is_told_with_its_place(client: httpx.AsyncClient) -> None:
    answer = await client.put("/thing", content=b'{"name": "a", "name": "canary"}', headers=JSON_TYPE)

    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"pointer": "/name", "code": "DUPLICATE_MEMBER", "message": "An object names this member twice."}
    ]
    assert "canary" not in answer.text


async def test_what_is_wrong_with_the_fields_is_told_without_the_input(client: httpx.AsyncClient) -> None:
    answer = await client.put("/thing", content=b'{"name": ["canary"], "more": "canary"}', headers=JSON_TYPE)

    assert [(item["pointer"], item["code"]) for item in answer.json()["errors"]] == [
        ("/name", "WRONG_TYPE"),
        ("/more", "UNKNOWN_FIELD"),
    ]
    assert "canary" not in answer.text


@pytest.mark.parametrize("whole", [True, False], ids=["sized", "chunked"])
async def test_a_body_that_would_be_passed_over_is_refused(client: httpx.AsyncClient, whole: bool) -> None:
    body = b'{"dryRun": ["All"]}'

    answer = await client.request("DELETE", "/thing", content=body if whole else chunks(body))

    assert answer.status_code == 422
    assert codes(answer) == ["BODY_NOT_EXPECTED"]


@pytest.mark.parametrize("content", [None, b"", chunks()], ids=["none", "empty", "empty chunks"])
async def test_an_empty_body_is_none(client: httpx.AsyncClient, content: Any) -> None:
    answer = await client.request("DELETE", "/thing", content=content)

    assert (answer.status_code, answer.json()) == (200, "gone")
