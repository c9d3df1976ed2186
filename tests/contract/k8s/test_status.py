"""What kube-apiserver's own refusals become, and that nothing of their text comes along."""

from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio

from app.dev.home import DevHome
from app.dev.service_account import write_kubeconfig
from app.domain.call import Caller
from app.domain.change import KeyChange, SecretChange
from app.domain.errors import (
    AlreadyExistsError,
    AppError,
    ForbiddenError,
    ImmutableSecretError,
    InvalidError,
    InvalidTokenError,
    NotApplicableError,
    OwnAccessError,
    PreconditionFailedError,
    ProjectNotFoundError,
    SecretNotFoundError,
    UpstreamAnswerError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from app.domain.fault import Fault, Violation
from app.domain.identity import Identity, OwnToken, Source
from app.domain.name import Key, ProjectName, SecretName
from app.domain.secret import ProjectRef, SecretRef
from app.domain.version import Version
from app.k8s.credentials import Credentials
from app.k8s.impersonation import Acting, AsCaller, AsReserved
from app.k8s.request import JSON, MERGE_PATCH, METADATA_ONLY, KubeRequest, core_path, encode
from app.k8s.secret import KubeSecrets
from app.k8s.secret_request import secret_path
from app.k8s.transport import Transport, open_transport
from app.settings import Kubernetes
from tests.support.canary import MARK, canary, leaks
from tests.support.cluster import MERGE_PATCH as MERGE_PATCH_HEADER
from tests.support.cluster import Admin, Cluster, a_trace
from tests.support.people import LISTER, NOBODY, OPERATOR, PREFIX, Project, new_project

ELSE: Final = "00000000-0000-0000-0000-000000000000"
ONE: Final = SecretName("one")


def caller(name: str) -> Caller:
    """Somebody of the project, without an account: the API server knows of none."""
    return Caller(Identity(PREFIX + name), a_trace())


@pytest_asyncio.fixture(scope="module")
async def project(admin: Admin) -> Project:
    return await new_project(admin)


@pytest.fixture
def secrets(own_transport: Transport) -> KubeSecrets:
    return KubeSecrets(own_transport, ())


@pytest.fixture
def reference(project: Project) -> SecretRef:
    return SecretRef(ProjectRef(project.workspace, ProjectName(project.name)), ONE)


@pytest_asyncio.fixture
async def version(admin: Admin, reference: SecretRef) -> Version:
    """The version of a Secret that was made just now."""
    path = secret_path(reference)
    if await admin.exists(path):
        await admin.delete(path)
    body = {"metadata": {"name": ONE}, "stringData": {"password": canary()}}
    made = await admin.post(core_path(reference.namespace, "secrets"), body)
    return Version(made["metadata"]["uid"], made["metadata"]["resourceVersion"])


async def refusal(made: Awaitable[object]) -> AppError:
    """The error that a call ends in; none of its texts holds a value, nor anything that the API server wrote."""
    with pytest.raises(AppError) as refused:
        await made
    error = refused.value
    said = repr(error) + str(error) + repr(vars(error))
    assert leaks(said.encode()) == []
    assert 'secrets "' not in said
    assert error.__cause__ is None
    return error


async def test_a_secret_that_is_not_there(secrets: KubeSecrets, reference: SecretRef) -> None:
    absent = replace(reference, name=SecretName("absent"))

    assert type(await refusal(secrets.get(caller(OPERATOR), absent))) is SecretNotFoundError


@pytest.mark.parametrize("who", [LISTER, NOBODY])
async def test_a_right_that_is_missing_is_named(
    secrets: KubeSecrets, reference: SecretRef, version: Version, who: str
) -> None:
    error = await refusal(secrets.get(caller(who), reference))

    assert isinstance(error, ForbiddenError)
    assert (error.verb, error.resource) == ("get", "secrets")


async def test_a_name_cannot_forge_the_refusal_of_impersonation(secrets: KubeSecrets, reference: SecretRef) -> None:
    forger = 'secrets is forbidden: User "x" cannot impersonate resource "users"'

    error = await refusal(secrets.get(Caller(Identity(forger), a_trace()), reference))

    assert type(error) is ForbiddenError


async def test_a_namespace_that_is_not_there(admin: Admin, own_transport: Transport) -> None:
    subject = {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "test:everywhere"}
    role = {"kind": "ClusterRole", "apiGroup": "rbac.authorization.k8s.io", "name": "secretspace:project-operator"}
    body = {"metadata": {"generateName": "everywhere-"}, "roleRef": role, "subjects": [subject]}
    await admin.post("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", body)
    everywhere = AsCaller(Caller(Identity("test:everywhere"), a_trace()))

    error = await refusal(own_transport.send(creation("absent", {"metadata": {"name": "one"}}), everywhere))

    assert type(error) is ProjectNotFoundError


async def test_a_name_that_is_taken(own_transport: Transport, project: Project, version: Version) -> None:
    again = creation(project.name, {"metadata": {"name": ONE}, "stringData": {"password": canary()}})

    assert type(await refusal(own_transport.send(again, operator()))) is AlreadyExistsError


STALE: Final[list[Callable[[Version], Version]]] = [
    lambda version: replace(version, resource_version="1"),
    lambda version: replace(version, uid=ELSE),
]


@pytest.mark.parametrize("other", STALE, ids=["older version", "another object"])
async def test_a_version_that_is_gone_fails_every_write(
    secrets: KubeSecrets, reference: SecretRef, version: Version, other: Callable[[Version], Version]
) -> None:
    who, expected = caller(OPERATOR), other(version)
    value = canary().encode()

    errors = [
        await refusal(secrets.change(who, reference, SecretChange(data={Key("password"): value}), expected)),
        await refusal(secrets.change(who, reference, KeyChange(set={Key("password"): value}), expected)),
        await refusal(secrets.delete(who, reference, expected)),
    ]

    assert {type(error) for error in errors} == {PreconditionFailedError}


async def test_a_guard_that_does_not_hold(secrets: KubeSecrets, reference: SecretRef, version: Version) -> None:
    taken = KeyChange(set_if_absent={Key("password"): canary().encode()})
    missing = KeyChange(rename={Key("absent"): Key("other")})

    errors = [await refusal(secrets.change(caller(OPERATOR), reference, each, version)) for each in (taken, missing)]

    assert {type(error) for error in errors} == {NotApplicableError}


async def test_an_immutable_secret(admin: Admin, secrets: KubeSecrets, reference: SecretRef, version: Version) -> None:
    await admin.merge(secret_path(reference), {"immutable": True})
    changes = [SecretChange(data={Key("password"): canary().encode()}), SecretChange(immutable=False)]

    errors = [await refusal(secrets.change(caller(OPERATOR), reference, each, None)) for each in changes]

    assert {type(error) for error in errors} == {ImmutableSecretError}


async def test_a_label_selector_that_is_none(secrets: KubeSecrets, reference: SecretRef) -> None:
    error = await refusal(secrets.list_rows(caller(LISTER), reference.project, "a in (b"))

    assert isinstance(error, InvalidError)
    assert error.violations == (Violation("?labelSelector", Fault.LABEL_SELECTOR_INVALID),)


TOO_LARGE: Final = b64encode(b"x" * (1024 * 1024 + 1)).decode()
HUGE: Final = b64encode(b"x" * (3 * 1024 * 1024)).decode()
REFUSED: Final[dict[str, tuple[dict[str, Any], Violation]]] = {
    "name": ({"metadata": {"name": f"{MARK}/"}}, Violation("/name", Fault.NAME_INVALID)),
    "label key": ({"metadata": {"labels": {f"{MARK}!": ""}}}, Violation("/labels", Fault.LABEL_KEY_INVALID)),
    "label value": ({"metadata": {"labels": {"a": f"{MARK}!"}}}, Violation("/labels", Fault.LABEL_KEY_INVALID)),
    "annotation": ({"metadata": {"annotations": {f"{MARK}!": ""}}}, Violation("/annotations", Fault.REFUSED)),
    "key": ({"data": {f"{MARK}!": ""}}, Violation("/content", Fault.REFUSED)),
    "missing key": ({"type": "kubernetes.io/tls"}, Violation("/content", Fault.DATA_REQUIRED_BY_TYPE)),
    "values": ({"data": {"a": TOO_LARGE}}, Violation("/content", Fault.VALUES_TOO_LARGE)),
    "body": ({"data": {"a": HUGE}}, Violation("/content", Fault.VALUES_TOO_LARGE)),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_we_failed_to_check_is_still_told_by_its_field(
    own_transport: Transport, project: Project, case: str
) -> None:
    body, violation = REFUSED[case]
    secret = {**body, "metadata": {"name": "refused", **body.get("metadata", {})}}

    error = await refusal(own_transport.send(creation(project.name, secret), operator()))

    assert isinstance(error, InvalidError)
    assert set(error.violations) == {violation}


async def test_a_type_stays_as_it_is(own_transport: Transport, reference: SecretRef, version: Version) -> None:
    error = await refusal(own_transport.send(patching(reference, {"type": "other"}), operator()))

    assert isinstance(error, InvalidError)
    assert error.violations == (Violation("/content/type", Fault.TYPE_IMMUTABLE),)


async def test_a_patch_that_does_not_decode_quotes_the_secret_and_we_do_not(
    admin: Admin, own_transport: Transport, reference: SecretRef, version: Version
) -> None:
    broken = {"data": {"other": "not base64!"}}

    headers = {**MERGE_PATCH_HEADER, "Accept": METADATA_ONLY}  # else their audit log would quote it too
    by_them = await admin._client.patch(secret_path(reference), json=broken, headers=headers)
    by_us = await refusal(own_transport.send(patching(reference, broken), operator()))

    assert leaks(by_them.content) != []
    assert isinstance(by_us, UpstreamAnswerError)
    assert (by_us.status, by_us.reason) == (422, "Invalid")


async def test_a_version_from_the_future_is_waited_for_in_vain(
    own_transport: Transport, reference: SecretRef, version: Version
) -> None:
    future = KubeRequest("GET", secret_path(reference), {"resourceVersion": "999999999999"})

    assert type(await refusal(own_transport.send(future, operator()))) is UpstreamTimeoutError


async def test_a_reserved_user_without_its_right_is_the_operators_matter(
    own_transport: Transport, reference: SecretRef
) -> None:
    reserved = AsReserved("secretspace-system:accounts", a_trace())

    error = await refusal(own_transport.send(KubeRequest("GET", secret_path(reference)), reserved))

    assert isinstance(error, OwnAccessError)
    assert (error.verb, error.resource) == ("get", "secrets")


async def test_a_service_that_may_not_impersonate_is_the_operators_matter(
    admin: Admin, cluster: Cluster, reference: SecretRef, tmp_path: Path
) -> None:
    issued = await admin.post("/api/v1/namespaces/default/serviceaccounts/default/token", {"spec": {}})
    read = KubeRequest("GET", secret_path(reference))

    error = await refusal(sent_with(cluster, tmp_path, issued["status"]["token"], read, operator()))

    assert isinstance(error, OwnAccessError)


async def test_a_credential_of_ours_that_is_refused_is_not_the_callers_fault(
    cluster: Cluster, reference: SecretRef, tmp_path: Path
) -> None:
    read = KubeRequest("GET", secret_path(reference))

    error = await refusal(sent_with(cluster, tmp_path, "no-token-of-this-cluster", read, operator()))

    assert type(error) is UpstreamUnavailableError


async def test_a_credential_of_the_callers_that_is_refused_is_theirs(
    own_transport: Transport, reference: SecretRef
) -> None:
    who = Identity("system:serviceaccount:a:b", source=Source.KUBERNETES, credential=OwnToken("ended-meanwhile"))
    read = KubeRequest("GET", secret_path(reference))

    error = await refusal(own_transport.send(read, AsCaller(Caller(who, a_trace()))))

    assert type(error) is InvalidTokenError


def operator() -> AsCaller:
    """As the project's operator."""
    return AsCaller(caller(OPERATOR))


def creation(namespace: str, secret: dict[str, Any]) -> KubeRequest:
    """A Secret sent as it is, without any check of ours."""
    return KubeRequest(
        "POST", core_path(namespace, "secrets"), accept=METADATA_ONLY, content_type=JSON, body=encode(secret)
    )


def patching(reference: SecretRef, body: dict[str, Any]) -> KubeRequest:
    """A merge patch sent as it is, without any check of ours."""
    path = secret_path(reference)
    return KubeRequest("PATCH", path, accept=METADATA_ONLY, content_type=MERGE_PATCH, body=encode(body))


async def sent_with(cluster: Cluster, folder: Path, token: str, request: KubeRequest, acting: Acting) -> None:
    """Send a request with another token than the service's."""
    home = DevHome(folder)
    home.service_token.write_text(token)
    write_kubeconfig(home, cluster.plane.url, cluster.plane.ca_file)
    path = home.service_kubeconfig
    async with open_transport(Kubernetes(kubeconfig=path), await Credentials.load(path, None)) as transport:
        await transport.send(request, acting)
