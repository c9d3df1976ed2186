"""Bodies, queries and headers that break rules or limits: what is said of them, and that no value is repeated."""

import gzip
import json
from typing import Final

import httpx
import pytest
import pytest_asyncio

from app.domain.errors import (
    BodyTooLargeError,
    HeadersTooLargeError,
    InvalidError,
    UnsupportedEncodingError,
    UnsupportedMediaTypeError,
)
from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import Person, Project, new_project
from tests.support.problem import assert_problem, provokes
from tests.support.raw_http import chunks, request, send
from tests.support.service import RunningService

JSON: Final = {"Content-Type": "application/json"}
LIMIT: Final = 4 * 1024 * 1024


@pytest_asyncio.fixture(scope="module")
async def project(admin: Admin) -> Project:
    """One for all that is refused."""
    return await new_project(admin)


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/yaml", "application/jsonx", "application/json, text/plain", "json", ""]
)
@provokes(UnsupportedMediaTypeError, 415)
async def test_a_media_type_that_is_not_accepted(operator: Person, project: Project, media_type: str) -> httpx.Response:
    response = await operator.request("POST", project.secrets, content=b"{}", headers={"Content-Type": media_type})

    assert response.headers["Accept"] == "application/json"
    assert response.json()["detail"] == "Send the body as application/json."
    return response


@provokes(UnsupportedMediaTypeError, 415)
async def test_a_patch_names_the_media_types_of_patches(operator: Person, project: Project) -> httpx.Response:
    headers = {"Content-Type": "application/json-patch+json", "If-Match": "*"}
    response = await operator.request("PATCH", f"{project.secrets}/one", content=b"[]", headers=headers)

    assert response.headers["Accept-Patch"] == "application/json, application/merge-patch+json"
    return response


@provokes(UnsupportedMediaTypeError, 415)
async def test_two_media_types(service: RunningService, operator: Person, project: Project) -> httpx.Response:
    authorization = f"Authorization: {operator.client.headers['Authorization']}"
    types = ("Content-Type: application/json", "Content-Type: text/plain")
    return await send(service, request("POST", project.secrets, authorization, *types, "Content-Length: 2", body=b"{}"))


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "zstd", "gzip, identity", "unheard-of"])
@provokes(UnsupportedEncodingError, 415)
async def test_a_body_that_is_compressed(operator: Person, project: Project, encoding: str) -> httpx.Response:
    headers = JSON | {"Content-Encoding": encoding}
    return await operator.request("POST", project.secrets, content=gzip.compress(b"{}"), headers=headers)


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/one"), ("GET", ""), ("GET", "/one/data")])
@provokes(InvalidError, 422)
async def test_a_body_that_would_be_passed_over(
    operator: Person, project: Project, method: str, path: str
) -> httpx.Response:
    options = {"json": {"dryRun": ["All"]}, "headers": {"If-Match": "*"}}
    response = await operator.request(method, project.secrets + path, **options)

    assert places(response) == [("", "BODY_NOT_EXPECTED")]
    return response


VALUE: Final = canary()
BODIES: Final[dict[str, tuple[str | bytes, list[tuple[str, str]]]]] = {
    "nothing": (b"", [("", "BODY_REQUIRED")]),
    "broken": ('{"name": "' + VALUE, [("", "MALFORMED_JSON")]),
    "with more behind it": ("{} " + VALUE, [("", "MALFORMED_JSON")]),
    "not UTF-8": (b'{"name": "\xff"}', [("", "MALFORMED_JSON")]),
    "NaN": ('{"name": NaN}', [("", "MALFORMED_JSON")]),
    "too deep": ("[" * 33 + "]" * 33, [("", "JSON_TOO_DEEP")]),
    "too much of it": ("[" * 100_000, [("", "JSON_TOO_MANY_PARTS")]),
    "not an object": (f'["{VALUE}"]', [("", "WRONG_TYPE")]),
    "a member twice": (
        f'{{"name": "a", "content": {{"kind": "default", "data": {{"k": "{VALUE}", "k": "{VALUE}"}}}}}}',
        [("/content/data/k", "DUPLICATE_MEMBER")],
    ),
    "a member unknown": (
        f'{{"name": "a", "nmae": "{VALUE}", "content": {{"kind": "default", "data": {{}}, "x~/y": 1}}}}',
        [("/content/x~0~1y", "UNKNOWN_FIELD"), ("/nmae", "UNKNOWN_FIELD")],
    ),
    "half a pair": (
        f'{{"name": "a", "content": {{"kind": "default", "data": {{"k": "{VALUE}\\ud800"}}}}}}',
        [("/content/data/k", "LONE_SURROGATE")],
    ),
    "wrong types": (
        f'{{"name": 1, "alias": ["{VALUE}"], "labels": "{VALUE}", "content": {{"kind": "default", "data": []}}}}',
        [(f"/{name}", "WRONG_TYPE") for name in ("alias", "content/data", "labels", "name")],
    ),
    "no kind": (f'{{"name": "a", "content": {{"data": {{"k": "{VALUE}"}}}}}}', [("/content/kind", "REQUIRED")]),
    "an unknown kind": (f'{{"name": "a", "content": {{"kind": "{VALUE}"}}}}', [("/content/kind", "INVALID_VALUE")]),
    "nothing that is needed": ("{}", [("/content", "REQUIRED"), ("/name", "REQUIRED")]),
}


@pytest.mark.parametrize("case", BODIES)
@provokes(InvalidError, 422)
async def test_a_body_that_breaks_rules(operator: Person, project: Project, case: str) -> httpx.Response:
    body, faults = BODIES[case]

    response = await operator.request("POST", project.secrets, content=body, headers=JSON)

    assert sorted(places(response)) == faults
    return response


QUERIES: Final = {
    "unknown": ("unknown=1", [("?unknown", "UNKNOWN_PARAMETER")]),
    "in another case": ("Page=1", [("?Page", "UNKNOWN_PARAMETER")]),
    "repeated": ("page=1&page=1", [("?page", "REPEATED_PARAMETER")]),
    "not a number": (f"page={VALUE}", [("?page", "WRONG_TYPE")]),
    "out of range": ("page=0&limit=501", [("?page", "OUT_OF_RANGE")]),
    "too much at once": ("limit=501", [("?limit", "OUT_OF_RANGE")]),
    "all of them": (
        "a=1&b=2&page=1&page=2",
        [("?a", "UNKNOWN_PARAMETER"), ("?b", "UNKNOWN_PARAMETER"), ("?page", "REPEATED_PARAMETER")],
    ),
}


@pytest.mark.parametrize("case", QUERIES)
@provokes(InvalidError, 422)
async def test_a_query_that_breaks_rules(operator: Person, project: Project, case: str) -> httpx.Response:
    query, faults = QUERIES[case]

    response = await operator.get(f"{project.secrets}?{query}")

    assert sorted(places(response)) == faults
    return response


@provokes(InvalidError, 422)
async def test_an_unknown_guard_to_set_aside(operator: Person, project: Project) -> httpx.Response:
    response = await operator.delete(f"{project.secrets}/one?override=everything")

    assert places(response) == [("?override", "INVALID_VALUE")]
    return response


def places(response: httpx.Response) -> list[tuple[str, str]]:
    """Where faults are, and which."""
    return [(item["pointer"], item["code"]) for item in response.json()["errors"]]


@provokes(BodyTooLargeError, 413)
async def test_a_body_that_says_it_is_too_large_is_not_waited_for(
    service: RunningService, operator: Person, project: Project
) -> httpx.Response:
    authorization = f"Authorization: {operator.client.headers['Authorization']}"
    length = f"Content-Length: {LIMIT + 1}"
    response = await send(
        service, request("POST", project.secrets, authorization, "Content-Type: application/json", length)
    )

    assert response.json()["detail"] == "At most 4,194,304 bytes are accepted."
    return response


@provokes(BodyTooLargeError, 413)
async def test_a_body_that_turns_out_to_be_too_large(operator: Person, project: Project) -> httpx.Response:
    return await operator.request("POST", project.secrets, content=chunks(65, LIMIT // 64), headers=JSON)


async def test_a_body_of_just_the_limit_is_read(operator: Person, project: Project) -> None:
    body = json.dumps({"name": "a"}).ljust(LIMIT)

    response = await operator.request("POST", project.secrets, content=body, headers=JSON)

    assert_problem(response, 422, "INVALID")
    assert places(response) == [("/content", "REQUIRED")]


@pytest.mark.parametrize(
    "headers", [{"X-One": "x" * 17_000}, {f"X-{n}": "x" * 100 for n in range(200)}], ids=["one", "many"]
)
@provokes(HeadersTooLargeError, 431)
async def test_headers_that_are_too_large(operator: Person, headers: dict[str, str]) -> httpx.Response:
    return await operator.get("/api/v1/me", headers=headers)


async def test_headers_of_nearly_the_limit_are_read(operator: Person) -> None:
    response = await operator.get("/api/v1/me", headers={"X-One": "x" * 15_000})

    assert response.status_code == 200
