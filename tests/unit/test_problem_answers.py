"""Problem documents as they leave an application that has nothing else."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from app import problems
from app.domain.errors import InvalidError, UnsupportedMediaTypeError
from app.domain.fault import Fault, Violation
from app.routers.route import StrictRoute

router = APIRouter(prefix="/things", route_class=StrictRoute)


@router.get("/{name}")
async def get_thing(name: str) -> str:
    return name


@router.put("/{name}")
async def put_thing(name: str) -> str:
    return name


@router.get("")
async def get_many() -> None:
    raise InvalidError([Violation(f"/{number}", Fault.REQUIRED) for number in range(5_000)])


@router.api_route("/{name}/part", methods=["PATCH", "POST"], operation_id="part")
async def change_part(name: str) -> None:
    raise UnsupportedMediaTypeError(["application/json", "application/merge-patch+json"])


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI(redirect_slashes=False)
    app.include_router(router)
    problems.install(app)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_allow_names_every_method_of_the_path(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/things/a")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, PUT"
    assert answer.json()["code"] == "METHOD_NOT_ALLOWED"


async def test_allow_names_every_method_beneath_a_root_path() -> None:
    app = FastAPI(redirect_slashes=False)
    app.include_router(router)
    problems.install(app)
    transport = httpx.ASGITransport(app, root_path="/root")
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.delete("/root/things/a")

    assert answer.headers["allow"] == "GET, PUT"
    assert answer.json()["type"] == "/root/docs/problems#method-not-allowed"


async def test_the_instance_is_a_reference_whatever_is_in_the_path(client: httpx.AsyncClient) -> None:
    answer = await client.get("/no%20such/%C3%BC%0A?token=canary")

    assert answer.json()["instance"] == "/no%20such/%C3%BC%0A"


async def test_a_problem_lists_no_more_violations_than_a_person_reads(client: httpx.AsyncClient) -> None:
    answer = await client.get("/things")

    assert answer.status_code == 422
    assert [item["pointer"] for item in answer.json()["errors"]] == [f"/{number}" for number in range(100)]


async def test_an_unknown_path_is_a_problem_document(client: httpx.AsyncClient) -> None:
    answer = await client.get("/things/")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "ROUTE_NOT_FOUND"


@pytest.mark.parametrize(("method", "accept_patch"), [("PATCH", True), ("POST", False)])
async def test_an_unknown_media_type_is_told_those_that_are_known(
    client: httpx.AsyncClient, method: str, accept_patch: bool
) -> None:
    answer = await client.request(method, "/things/a/part")

    assert answer.status_code == 415
    assert answer.headers["accept"] == "application/json, application/merge-patch+json"
    assert ("accept-patch" in answer.headers) == accept_patch
