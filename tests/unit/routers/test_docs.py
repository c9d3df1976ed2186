import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from app.main import create_app, open_routes
from app.openapi import dump, kinds_by_code, schema
from app.problems import problem_type
from app.routers import docs
from app.settings import Server, Settings

STATIC = Path(docs.__file__).parent.parent / "static"


def client_of(settings: Settings, root_path: str = "") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_app(settings), root_path=root_path)
    return httpx.AsyncClient(transport=transport, base_url="http://secretspace.test" + root_path)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(Settings()) as opened:
        yield opened


async def addresses(client: httpx.AsyncClient, path: str) -> list[str]:
    """What a page refers to, as a browser resolves it."""
    page = await client.get(path)
    return [str(page.url.join(each)) for each in re.findall(r'(?:href|src)="([^"#]+)"', page.text) if each != "data:,"]


async def test_the_document_is_served_to_anybody_as_it_is_generated(client: httpx.AsyncClient) -> None:
    answer = await client.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.content == dump(schema(create_app(Settings())))


@pytest.mark.parametrize("page", ["/docs", "/docs/problems"])
async def test_all_that_a_page_refers_to_is_here_and_open(client: httpx.AsyncClient, page: str) -> None:
    found = await addresses(client, page)
    assert found
    assert all(address.startswith("http://secretspace.test/") for address in found)
    assert {(await client.get(address)).status_code for address in found} == {200}


@pytest.mark.parametrize(
    ("file", "media_type"), [("page.css", "text/css"), ("init.js", "text/javascript"), ("problems", "text/html")]
)
async def test_files_are_told_as_what_they_are(client: httpx.AsyncClient, file: str, media_type: str) -> None:
    assert (await client.get(f"/docs/{file}")).headers["content-type"] == f"{media_type}; charset=utf-8"


async def test_a_page_may_load_files_of_ours_and_nothing_else(client: httpx.AsyncClient) -> None:
    answer = await client.get("/docs")
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert not re.search(r"<script(?![^>]* src=)[^>]*>|<style| style=| on\w+=", answer.text)


async def test_swagger_ui_is_kept_by_browsers_under_its_version(client: httpx.AsyncClient) -> None:
    version = (STATIC / "swagger-ui" / "VERSION").read_text().strip()
    answer = await client.get(f"/docs/swagger-ui-{version}/swagger-ui-bundle.js")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.content == (STATIC / "swagger-ui" / "swagger-ui-bundle.js").read_bytes()
    assert (await client.get("/docs")).headers["cache-control"] == "no-store"


async def test_the_licences_of_swagger_ui_come_with_it() -> None:
    shipped = {path.name for path in (STATIC / "swagger-ui").iterdir()}
    assert {"LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt"} <= shipped


@pytest.mark.parametrize("code", list(kinds_by_code()))
async def test_the_type_of_every_problem_leads_to_its_place(client: httpx.AsyncClient, code: str) -> None:
    path, _, fragment = problem_type(code).partition("#")
    assert f'<h2 id="{fragment}"><code>{code}</code></h2>' in (await client.get(path)).text


async def test_under_a_root_path_everything_is_under_it() -> None:
    async with client_of(Settings(server=Server(root_path="/secrets")), "/secrets") as client:
        document = json.loads((await client.get("/openapi.json")).content)
        found = await addresses(client, "/docs")
    assert document["servers"] == [{"url": "/secrets"}]
    assert all(address.startswith("http://secretspace.test/secrets/") for address in found)


def test_switched_off_there_is_nothing_of_it() -> None:
    served, switched_off = (
        {path for _, path in open_routes(create_app(Settings(server=Server(docs=docs_on))))}
        for docs_on in (True, False)
    )
    assert {"/docs", "/docs/problems", "/openapi.json"} <= served - switched_off
    assert not [path for path in switched_off if path.startswith(("/docs", "/openapi"))]
