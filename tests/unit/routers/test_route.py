"""How a strict route takes its query, and what it takes for JSON; `test_route_body.py` has the rest of bodies."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Query, Request
from pydantic import Field
from starlette.datastructures import Headers

from app import problems
from app.domain.errors import UnsupportedEncodingError, UnsupportedMediaTypeError
from app.routers.route import StrictRoute, require_media_type
from app.schemas.base import InputModel

router = APIRouter(route_class=StrictRoute)


async def paging(page: int = 1, page_size: Annotated[int, Query(alias="pageSize")] = 10) -> tuple[int, int]:
    return page, page_size


class Thing(InputModel):
    name: str
    parts: Annotated[list[int], Field(default_factory=list)]


@router.get("/things")
async def get_things(
    paging: Annotated[tuple[int, int], Depends(paging)],
    key: Annotated[list[str], Query(default_factory=list)],
    flag: bool = False,
) -> dict[str, Any]:
    return {"paging": paging, "key": key, "flag": flag}


@router.post("/things")
async def post_thing(thing: Thing) -> dict[str, Any]:
    return thing.model_dump()


@router.put("/text", openapi_extra={"requestBody": {"required": True, "content": {"text/plain": {}}}})
async def put_text(request: Request) -> str:
    return (await request.body()).decode()


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI(redirect_slashes=False)
    app.include_router(router)
    problems.install(app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422
    return [(item["pointer"], item["code"]) for item in answer.json()["errors"]]


async def test_parameters_of_a_route_and_of_what_it_depends_on_are_known(client: httpx.AsyncClient) -> None:
    answer = await client.get("/things?page=2&pageSize=5&flag=true&key=a&key=b&key=a")

    assert answer.json() == {"paging": [2, 5], "key": ["a", "b", "a"], "flag": True}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("pages=2", [("?pages", "UNKNOWN_PARAMETER")]),
        ("page_size=2", [("?page_size", "UNKNOWN_PARAMETER")]),
        ("Page=2", [("?Page", "UNKNOWN_PARAMETER")]),
        ("=2", [("?", "UNKNOWN_PARAMETER")]),
        ("page=1&page=2", [("?page", "REPEATED_PARAMETER")]),
        ("flag=true&flag=true", [("?flag", "REPEATED_PARAMETER")]),
        (
            "a=1&b=2&a=3&page=1&page=1",
            [
                ("?a", "UNKNOWN_PARAMETER"),
                ("?b", "UNKNOWN_PARAMETER"),
                ("?page", "REPEATED_PARAMETER"),
            ],
        ),
        ("x" * 70 + "=1", [("?" + "x" * 64, "UNKNOWN_PARAMETER")]),
        ("page=x&pageSize=", [("?page", "WRONG_TYPE"), ("?pageSize", "WRONG_TYPE")]),
        ("flag=perhaps", [("?flag", "WRONG_TYPE")]),
    ],
)
async def test_a_query_that_is_half_understood_is_refused(
    client: httpx.AsyncClient, query: str, expected: list[tuple[str, str]]
) -> None:
    assert faults(await client.get(f"/things?{query}")) == expected


async def test_the_value_of_an_unknown_parameter_is_not_repeated(client: httpx.AsyncClient) -> None:
    answer = await client.get("/things?token=canary&page=canary")

    assert "canary" not in answer.text


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{", [("", "MALFORMED_JSON")]),
        ('{"name": "a",}', [("", "MALFORMED_JSON")]),
        ('{"name": "a", "parts": [1, "2"]}', [("/parts/1", "WRONG_TYPE")]),
        ('{"name": "a", "parts": [NaN]}', [("", "MALFORMED_JSON")]),
        ('{"name": "a", "name": "b"}', [("/name", "DUPLICATE_MEMBER")]),
        ('{"name": "\\ud800"}', [("/name", "LONE_SURROGATE")]),
        ("null", [("", "NULL_NOT_ALLOWED")]),
        ('"text"', [("", "WRONG_TYPE")]),
    ],
)
async def test_json_is_read_strictly(client: httpx.AsyncClient, body: str, expected: list[tuple[str, str]]) -> None:
    answer = await client.post("/things", content=body, headers={"content-type": "application/json"})

    assert faults(answer) == expected


async def test_a_query_is_judged_before_the_body_is_read(client: httpx.AsyncClient) -> None:
    answer = await client.post("/things?more=1", content="{", headers={"content-type": "text/plain"})

    assert faults(answer) == [("?more", "UNKNOWN_PARAMETER")]


async def test_a_body_that_the_route_reads_itself_is_left_to_it(client: httpx.AsyncClient) -> None:
    answer = await client.put("/text", content="{", headers={"content-type": "text/plain"})

    assert answer.json() == "{"


@pytest.mark.parametrize("media_type", ["a/b", "A/B", " a/b ; charset=utf-8", "c/d"])
@pytest.mark.parametrize(
    "encoding", [{}, {"content-encoding": "identity"}, {"content-encoding": " Identity "}], ids=str
)
def test_an_accepted_media_type_passes(media_type: str, encoding: dict[str, str]) -> None:
    require_media_type(Headers({"content-type": media_type} | encoding), ("a/b", "c/d"))


@pytest.mark.parametrize("media_type", ["", "a", "a/bc", "a/b,c/d", "*/*", ";a/b"])
def test_another_media_type_is_told_those_that_are_accepted(media_type: str) -> None:
    with pytest.raises(UnsupportedMediaTypeError) as caught:
        require_media_type(Headers({"content-type": media_type}), ("a/b", "c/d"))

    assert caught.value.accepted == ("a/b", "c/d")


@pytest.mark.parametrize("encoding", ["gzip", "identity, gzip", "br", ""])
def test_a_compressed_body_does_not_pass(encoding: str) -> None:
    with pytest.raises(UnsupportedEncodingError):
        require_media_type(Headers({"content-type": "a/b", "content-encoding": encoding}), ("a/b",))
