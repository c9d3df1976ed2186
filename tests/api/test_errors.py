"""What is not there, and callers who are not known or not allowed: how each of them is refused."""

from base64 import b64decode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx
import pytest
import pytest_asyncio

from app.domain.errors import (
    ForbiddenError,
    ForbiddenHeaderError,
    InvalidGrantError,
    InvalidTokenError,
    InvalidTokenRequestError,
    KeyNotFoundError,
    MalformedRequestError,
    MethodNotAllowedError,
    ProjectNotFoundError,
    RouteNotFoundError,
    SecretNotFoundError,
    UnauthenticatedError,
    UnsupportedGrantTypeError,
    WorkspaceNotFoundError,
)
from app.identity.signing import decode_keys
from app.identity.token import Claims, issue
from tests.api.operation import KEY
from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import LISTER, NAMESPACE, NOBODY, People, Person, Project, new_project
from tests.support.problem import provokes
from tests.support.raw_http import request, send
from tests.support.service import RunningService

JSON: Final = {"Content-Type": "application/json"}


@pytest_asyncio.fixture(scope="module")
async def project(admin: Admin) -> Project:
    """One for all that is refused."""
    return await new_project(admin)


@pytest_asyncio.fixture(scope="module")
async def anonymous(service: RunningService) -> AsyncIterator[Person]:
    async with httpx.AsyncClient(base_url=service.url, trust_env=False) as client:
        yield Person("anonymous", client)


@pytest.fixture
def nobody(people: People) -> Person:
    return people[NOBODY]


@provokes(RouteNotFoundError, 404)
async def test_an_unknown_route(nobody: Person) -> httpx.Response:
    return await nobody.get("/api/v1/no-such-path")


@pytest.mark.parametrize(
    "path", ["/", "/api", "/api/v1/", "/api/v1/me/", "//api/v1/me", "/API/v1/me", "/api/v1/workspaces/"]
)
@provokes(RouteNotFoundError, 404)
async def test_a_path_that_only_looks_like_one_of_ours(nobody: Person, path: str) -> httpx.Response:
    return await nobody.get(path)


@provokes(MethodNotAllowedError, 405)
async def test_a_method_that_the_path_does_not_have(nobody: Person, project: Project) -> httpx.Response:
    response = await nobody.request("DELETE", project.secrets)

    assert response.headers["Allow"] == "GET, POST"
    return response


@provokes(WorkspaceNotFoundError, 404)
async def test_a_workspace_that_is_not_there(operator: Person) -> httpx.Response:
    return await operator.get("/api/v1/workspaces/absent")


@provokes(ProjectNotFoundError, 404)
async def test_a_project_that_is_not_there(operator: Person) -> httpx.Response:
    return await operator.get(Project("absent").secrets)


@pytest.mark.parametrize("name", ["UPPER", "a" * 64, "-", "%2e%2e", "%00", "kube-system", NAMESPACE])
@provokes(ProjectNotFoundError, 404)
async def test_what_can_be_no_project_is_none(operator: Person, name: str) -> httpx.Response:
    return await operator.get(f"/api/v1/workspaces/cluster/projects/{name}/permissions")


@provokes(ProjectNotFoundError, 404)
async def test_a_project_of_another_workspace(operator: Person, project: Project) -> httpx.Response:
    return await operator.get(Project(project.name, "elsewhere").secrets)


@provokes(SecretNotFoundError, 404)
async def test_a_secret_that_is_not_there(operator: Person, project: Project) -> httpx.Response:
    return await operator.get(f"{project.secrets}/absent")


@provokes(SecretNotFoundError, 404)
async def test_what_can_be_no_secret_is_none(operator: Person, project: Project) -> httpx.Response:
    return await operator.get(f"{project.secrets}/No_Secret")


@provokes(KeyNotFoundError, 404)
async def test_a_key_that_is_not_there(operator: Person, admin: Admin, project: Project) -> httpx.Response:
    await admin.post(project.kube_secrets, {"metadata": {"name": "one"}, "stringData": {KEY: canary()}})

    return await operator.get(f"{project.secrets}/one/data/absent")


@provokes(UnauthenticatedError, 401)
async def test_no_token(anonymous: Person) -> httpx.Response:
    response = await anonymous.get("/api/v1/me")

    assert response.headers["WWW-Authenticate"] == 'Bearer realm="secretspace"'
    return response


@pytest.mark.parametrize("body", ['{"name": ', '{"name": "a", "name": "b"}', '"\\ud800"', "", "\x00", "[" * 100_000])
@provokes(UnauthenticatedError, 401)
async def test_an_anonymous_caller_is_told_nothing_of_a_body(
    anonymous: Person, project: Project, body: str
) -> httpx.Response:
    return await anonymous.request("POST", project.secrets, content=body, headers=JSON)


@provokes(UnauthenticatedError, 401)
async def test_an_anonymous_caller_is_told_nothing_of_a_limit(
    service: RunningService, project: Project
) -> httpx.Response:
    return await send(service, request("POST", project.secrets, "Content-Length: 99999999"))


@provokes(UnauthenticatedError, 401)
async def test_an_anonymous_caller_is_told_nothing_of_a_route(anonymous: Person) -> httpx.Response:
    return await anonymous.request("PUT", "/api/v1/no-such-path", params={"unknown": "1"})


@pytest.mark.parametrize("token", ["no-token-of-this-cluster", "a.b.c", "x" * 20_000], ids=["opaque", "jwt", "long"])
async def test_a_bad_token(anonymous: Person, token: str) -> None:
    response = await anonymous.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})

    assert response.status_code in {401, 431}
    assert token not in response.text


@provokes(InvalidTokenError, 401)
async def test_a_token_that_nobody_accepts(anonymous: Person) -> httpx.Response:
    response = await anonymous.get("/api/v1/me", headers={"Authorization": "Bearer no-token-of-this-cluster"})

    assert response.headers["WWW-Authenticate"] == 'Bearer realm="secretspace", error="invalid_token"'
    return response


@provokes(InvalidTokenError, 401)
async def test_a_token_that_has_ended(anonymous: Person, admin: Admin, people: People) -> httpx.Response:
    issued_at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    token = await forged(admin, Claims(NOBODY, 1, "id", issued_at, issued_at + timedelta(minutes=59)))

    return await anonymous.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})


async def test_a_token_made_like_that_one_and_not_yet_ended_is_good(
    anonymous: Person, admin: Admin, people: People
) -> None:
    issued_at = datetime.now(UTC).replace(microsecond=0)
    token = await forged(admin, Claims(NOBODY, 1, "id", issued_at, issued_at + timedelta(minutes=1)))

    response = await anonymous.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})

    assert response.json()["username"] == people[NOBODY].username


async def forged(admin: Admin, claims: Claims) -> str:
    """A token that the service's own key has signed."""
    stored = await admin.get(f"/api/v1/namespaces/{NAMESPACE}/secrets/signing-keys")
    key, *_ = decode_keys(b64decode(stored["data"]["jwks.json"]))
    return issue(claims, key, "secretspace")


@provokes(MalformedRequestError, 400)
async def test_two_credentials(service: RunningService) -> httpx.Response:
    return await send(service, request("GET", "/api/v1/me", "Authorization: Bearer a", "Authorization: Bearer b"))


@provokes(ForbiddenHeaderError, 400)
async def test_a_header_of_impersonation(anonymous: Person) -> httpx.Response:
    return await anonymous.get("/api/v1/me", headers={"Impersonate-User": "system:admin"})


@provokes(ForbiddenError, 403)
async def test_no_right(people: People, project: Project) -> httpx.Response:
    response = await people[LISTER].get(f"{project.secrets}/one")

    assert response.json()["detail"] == "Kubernetes does not allow you to get secrets here."
    return response


@provokes(InvalidGrantError, 400)
async def test_a_wrong_password(anonymous: Person, people: People) -> httpx.Response:
    form = {"grant_type": "password", "username": NOBODY, "password": canary("password")}
    response = await anonymous.request("POST", "/oauth/token", data=form)

    assert response.json()["error"] == "invalid_grant"
    return response


@provokes(UnsupportedGrantTypeError, 400)
async def test_another_grant(anonymous: Person) -> httpx.Response:
    response = await anonymous.request("POST", "/oauth/token", data={"grant_type": "client_credentials"})

    assert response.json()["error"] == "unsupported_grant_type"
    return response


@provokes(InvalidTokenRequestError, 400)
async def test_a_sign_in_without_a_password(anonymous: Person) -> httpx.Response:
    response = await anonymous.request("POST", "/oauth/token", data={"grant_type": "password", "username": "anna"})

    assert response.json()["error"] == "invalid_request"
    return response
