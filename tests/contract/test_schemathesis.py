"""The running service against its own document: requests right and wrong by it, and every answer held to it.

All built-in checks are on but those that the configuration turns off, each with its reason.
"""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
import requests
import schemathesis
import yaml
from hypothesis import settings
from schemathesis import CheckContext, Response
from schemathesis.core.media_types import YAML_MEDIA_TYPES
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.schemas import OpenApiSchema
from typing_extensions import override

from app.domain.account import PlatformRole
from app.k8s.transport import Transport
from app.settings import Limits
from tests.architecture.source import ROOT
from tests.support.aim import aim
from tests.support.canary import leaks
from tests.support.cluster import Cluster
from tests.support.generated import CONTENTS, Generated, fit, operation_id
from tests.support.people import Person
from tests.support.service import RunningService, running_service
from tests.support.target import ACCOUNT, PROJECT, SECRETS, WORKSPACE, Target, guest_id
from tests.support.team import newcomer

ISSUER: Final = "https://issuer.example.com"
_SECRETS: Final = "/api/v1/workspaces/{workspace}/projects/{project}/secrets"

_RIGHT: Final = ["2xx", "404", "409", "412", "428"]
"""What comes of a request that is right by the document: it is done, or what is there is not what it expects."""
_HAVE_MORE_RULES: Final = [
    "createSecret",
    "diffSecret",
    "importSecret",
    "listSecrets",
    "newSecretVersion",
    "patchSecretData",
    "replaceSecretData",
    "restoreSecret",
    "updateSecretInfo",
    "updateSecretYaml",
    "upsertSecret",
]
"""Operations with rules that no schema tells: kinds switched off, keys named twice, the grammar of label selectors,
what is to be sent alone."""

_CHECKS: Final = {
    "positive_data_acceptance": {"expected-statuses": _RIGHT},
    # No header is required by the document: a write without If-Match is 428, not 400.
    "missing_required_header": {"enabled": False},
    # Needs people who must not see each other's things: tests/api/test_access.py.
    "object_level_authorization": {"enabled": False},
}
_CHECKS_OF_OPERATIONS: Final = [
    {
        "include-operation-id": _HAVE_MORE_RULES,
        "checks": {"positive_data_acceptance": {"expected-statuses": [*_RIGHT, "422"]}},
    },
    {
        # A form names each parameter once, which no schema tells.
        "include-operation-id": "revokeToken",
        "checks": {"positive_data_acceptance": {"expected-statuses": [*_RIGHT, "400"]}},
    },
    {
        # They tell what is wrong instead of refusing it: see `the_judgement_is_the_documents`.
        "include-operation-id": ["validateSecret", "createFromYaml"],
        "checks": {"negative_data_rejection": {"enabled": False}},
    },
]
_DICTIONARIES: Final = {
    "names": {"values": [*CONTENTS, "absent"]},
    "keys": {"values": ["usr", "password", "tls.crt", ".dockerconfigjson"]},
    "tags": {"values": ["*", '"stale"']},
}
_PARAMETERS: Final = {
    "path.workspace": WORKSPACE,
    "path.project": PROJECT,
    "path.account": ACCOUNT,
    "path.memberId": guest_id(),
    "path.name": {"dictionary": "names", "probability": 0.8},
    "path.key": {"dictionary": "keys", "probability": 0.5},
    "query.key": {"dictionary": "keys", "probability": 0.5},
    "header.If-Match": {"dictionary": "tags", "probability": 0.8},
}


def _api(document: dict[str, Any], **generation: Any) -> OpenApiSchema:
    # Wrong tokens are the business of the check `ignored_auth`: here they would only be written over.
    always = {"database": "none", "with-security-parameters": False}
    config = {
        "seed": 3,
        "generation": always | generation,
        "checks": _CHECKS,
        "operations": _CHECKS_OF_OPERATIONS,
        "parameters": _PARAMETERS,
        "dictionaries": _DICTIONARIES,
    }
    return schemathesis.openapi.from_dict(document, config=schemathesis.Config.from_dict(config))


def _document() -> dict[str, Any]:
    """The committed document, with the one limit that it leaves to the settings."""
    document: dict[str, Any] = json.loads((ROOT / "openapi" / "openapi.json").read_bytes())
    for path in document["paths"].values():
        for parameter in path.get("get", {}).get("parameters", ()):
            if parameter["name"] == "limit":
                parameter["schema"]["maximum"] = Limits().page
    return document


def _document_of_one_secret() -> dict[str, Any]:
    """The part from which it can be inferred what may follow on the creation of a Secret."""
    whole = _document()
    del whole["paths"][_SECRETS]["get"]
    return whole | {"paths": {path: whole["paths"][path] for path in (_SECRETS, _SECRETS + "/{name}")}}


API: Final = _api(_document(), **{"max-examples": 25})
ONE_SECRET: Final = _api(_document_of_one_secret(), mode="positive")


@schemathesis.check
def errors_are_problems(context: CheckContext, response: Response, case: Generated) -> None:
    """Every error is a problem document that names the request."""
    if response.status_code >= 400:
        problem = response.json()
        assert response.headers["content-type"] == ["application/problem+json"]
        assert problem["status"] == response.status_code
        assert [problem["requestId"]] == response.headers["x-request-id"]


@schemathesis.check
def only_reveals_hold_values(context: CheckContext, response: Response, case: Generated) -> None:
    """A value is in no answer but in that to a reveal."""
    if not _reveals(response.request):
        assert leaks(response.content) == []
        assert leaks(repr(response.headers).encode()) == []


@schemathesis.check
def the_judgement_is_the_documents(context: CheckContext, response: Response, case: Generated) -> None:
    """A draft that is wrong by the document is judged to be wrong."""
    wrong = case.meta is not None and case.meta.is_negative_at(ParameterLocation.BODY)
    if operation_id(case) == "validateSecret" and response.status_code == 200 and wrong:
        assert not response.json()["valid"]


@schemathesis.serializer(*YAML_MEDIA_TYPES)
def _send_yaml(context: Any, body: Any) -> bytes:
    """YAML is a text for our document; by itself schemathesis would write the text as a YAML scalar."""
    return (body if isinstance(body, str) else yaml.safe_dump(body)).encode()


@schemathesis.deserializer(*YAML_MEDIA_TYPES)
def _read_yaml(context: Any, response: Response) -> str:
    return response.text


@pytest.fixture(scope="module")
def contract_service(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """The service as an issuer that others find by its address."""
    folder, settings = tmp_path_factory.mktemp("contract"), {"SECRETSPACE_IDENTITY__LOCAL__ISSUER": ISSUER}
    with running_service(cluster.home.service_kubeconfig, folder, settings) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def caller(own_transport: Transport, contract_service: RunningService) -> AsyncIterator[Person]:
    """Somebody who may do everything: a platform admin, who manages the workspace and administers the project."""
    async with newcomer(own_transport, contract_service, PlatformRole.PLATFORM_ADMIN) as person:
        yield person


@pytest.fixture(scope="module")
def target(contract_service: RunningService, caller: Person) -> Iterator[Target]:
    target = Target(contract_service.url, caller.client.headers["Authorization"])
    yield target
    target.session.close()
    assert target.undone() == set(), "nothing was done: its answers prove little"


def _reveals(request: requests.PreparedRequest) -> bool:
    url = urlsplit(str(request.url))
    plain = url.path.endswith("/yaml") and parse_qs(url.query).get("values") == ["plain"]
    return request.method == "GET" and (plain or url.path.endswith(("/data", "/export")) or "/data/" in url.path)


@pytest.mark.timeout(300)
@API.parametrize()
def test_every_answer_is_as_the_document_says(case: Generated, target: Target) -> None:
    aim(target, case)
    fit(case)
    target.call(case)


@pytest.mark.timeout(300)
def test_what_is_created_can_be_read_and_changed_until_it_is_deleted(target: Target) -> None:
    """The links that schemathesis infers are followed, in any order, with its checks of the life of a resource."""

    class Chain(ONE_SECRET.as_state_machine()):  # type: ignore[misc]  # a class made at run time
        @override
        def setup(self) -> None:
            self.made: set[str] = set()

        @override
        def before_call(self, case: Generated) -> None:
            case.path_parameters |= {"workspace": WORKSPACE, "project": PROJECT}
            case.query.pop("dryRun", None)  # nothing can follow on what was not made
            case.headers.pop("If-None-Match", None)
            fit(case)

        @override
        def get_call_kwargs(self, case: Generated) -> dict[str, Any]:
            return target.options

        @override
        def after_call(self, response: Response, case: Generated) -> None:
            super().after_call(response, case)
            if response.status_code == 201:
                self.made.add(response.json()["name"])

        @override
        def teardown(self) -> None:
            for name in self.made:
                target.lack(f"{SECRETS}/{name}")

    Chain.run(settings=settings(max_examples=30, stateful_step_count=8, derandomize=True, database=None))
