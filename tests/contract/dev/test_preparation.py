"""A bare control plane becomes one with people, a project, and a service account that is worth little by itself."""

import asyncio
import json
import stat

import pytest

from app.dev.credentials import Credentials
from app.dev.preparation import apply_manifests, prepare
from app.dev.tutorial import PEOPLE, PROJECT, WORKSPACE
from app.domain.account import PlatformRole
from app.domain.call import Caller, Trace
from app.domain.errors import ForbiddenError, OwnAccessError
from app.domain.identity import Identity
from app.domain.workspace import WORKSPACE_LABEL, WORKSPACE_UID
from app.identity.password import Passwords
from app.k8s.account import Accounts
from app.k8s.impersonation import AsCaller, AsToken
from app.k8s.request import KubeRequest, core_path
from app.k8s.review import KubeReviews
from app.k8s.token_review import TokenReviewer
from app.k8s.transport import Transport
from app.k8s.workspace import KubeWorkspaces
from app.manifests import Profile
from tests.contract.dev.conftest import BASE_URL, Admin, DevCluster

SECRETS = KubeRequest("GET", core_path(PROJECT, "secrets"))
NAMESPACES = KubeRequest("GET", "/api/v1/namespaces")
CLASSIC_BINDING = KubeRequest(
    "GET",
    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    {"fieldSelector": "metadata.name=secretspace:impersonation-classic"},
)


def _trace() -> Trace:
    return Trace("test", asyncio.get_running_loop().time() + 30)


def _caller(account: str, *groups: str) -> Caller:
    return Caller(Identity(f"secretspace:{account}", groups), _trace())


async def test_every_person_can_be_verified_by_the_password_in_the_file(
    cluster: DevCluster, service: Transport
) -> None:
    accounts, passwords = Accounts(service, "secretspace-system"), Passwords()
    known = Credentials.read(cluster.home.credentials).passwords

    stored = {person.account: await accounts.get(person.account, _trace()) for person in PEOPLE}
    verified = {
        name: account and await passwords.verify(known[name], account.password_hash) for name, account in stored.items()
    }

    assert verified == dict.fromkeys(("admin", "ws-manager", "ws-admin", "project-admin", "project-regular"), True)
    assert {name: account.platform_roles for name, account in stored.items() if account and account.platform_roles} == {
        "admin": {PlatformRole.PLATFORM_ADMIN},
        "ws-manager": {PlatformRole.WORKSPACE_CREATOR},
    }


async def test_the_credentials_file_has_the_documented_form_and_is_for_its_owner_alone(cluster: DevCluster) -> None:
    document = json.loads(cluster.home.credentials.read_text())

    assert document["baseUrl"] == BASE_URL
    assert {name: list(account) for name, account in document["accounts"].items()} == {
        person.account: ["password"] for person in PEOPLE
    }
    assert stat.S_IMODE(cluster.home.credentials.stat().st_mode) == 0o600
    assert stat.S_IMODE(cluster.home.service_token.stat().st_mode) == 0o600


async def test_preparing_again_keeps_passwords_and_says_that_none_is_new(cluster: DevCluster) -> None:
    before = Credentials.read(cluster.home.credentials).passwords

    again = await prepare(cluster.home, cluster.plane.kubeconfig, cluster.profile, BASE_URL)

    assert cluster.first.new_passwords == {person.account for person in PEOPLE}
    assert again.new_passwords == frozenset()
    assert Credentials.read(cluster.home.credentials).passwords == before


async def test_a_password_that_the_file_has_lost_is_replaced(cluster: DevCluster, service: Transport) -> None:
    kept = Credentials.read(cluster.home.credentials).passwords
    Credentials(BASE_URL, {name: kept[name] for name in kept if name != "ws-admin"}).write(cluster.home.credentials)

    again = await prepare(cluster.home, cluster.plane.kubeconfig, cluster.profile, BASE_URL)
    account = await Accounts(service, "secretspace-system").get("ws-admin", _trace())
    now = Credentials.read(cluster.home.credentials).passwords

    assert again.new_passwords == {"ws-admin"}
    assert account is not None
    assert await Passwords().verify(now["ws-admin"], account.password_hash)
    assert now["ws-admin"] != kept["ws-admin"]


async def test_the_project_belongs_to_the_workspace_by_label_and_uid(cluster: DevCluster, admin: Admin) -> None:
    namespace = await admin.transport.send(KubeRequest("GET", f"/api/v1/namespaces/{PROJECT}"), admin.acting)
    workspace = await admin.transport.send(
        KubeRequest("GET", f"/apis/tenancy.secretspace.io/v1/workspaces/{WORKSPACE}"), admin.acting
    )
    metadata = json.loads(namespace.body)["metadata"]

    assert metadata["labels"][WORKSPACE_LABEL] == WORKSPACE
    assert metadata["annotations"][WORKSPACE_UID] == json.loads(workspace.body)["metadata"]["uid"]


async def test_the_service_reads_the_workspace_with_its_manager_and_members(service: Transport) -> None:
    workspace = await KubeWorkspaces(service).get(WORKSPACE, _trace())

    assert workspace is not None
    assert {
        name: workspace.role_of(_caller(name).identity) for name in ("ws-admin", "project-admin", "project-regular")
    } == {
        "ws-admin": "admin",
        "project-admin": "self-provisioner",
        "project-regular": "viewer",
    }


async def test_the_service_runs_as_its_service_account_which_has_no_right_on_secrets(
    cluster: DevCluster, service: Transport
) -> None:
    token = cluster.home.service_token.read_text()

    identity = await TokenReviewer(service).review(token, _trace())

    assert identity.username == "system:serviceaccount:secretspace-system:secretspace"
    with pytest.raises(ForbiddenError):
        await service.send(SECRETS, AsToken(token, _trace()))


@pytest.mark.parametrize("account", ["project-regular", "project-admin"])
async def test_members_of_the_project_list_its_secrets_through_the_service(service: Transport, account: str) -> None:
    answer = await service.send(SECRETS, AsCaller(_caller(account)))

    assert answer.status == 200


@pytest.mark.parametrize("account", ["admin", "ws-manager"])
async def test_platform_roles_do_not_list_its_secrets(service: Transport, account: str) -> None:
    caller = _caller(account, "secretspace:platform-admins", "secretspace:workspace-creators")

    with pytest.raises(ForbiddenError):
        await service.send(SECRETS, AsCaller(caller))


async def test_the_platform_admin_manages_accounts_and_workspaces(service: Transport) -> None:
    reviews, caller = KubeReviews(service), _caller("admin", "secretspace:platform-admins")

    assert await reviews.allows(caller, "manage", "iam.secretspace.io", "accounts")
    assert await reviews.allows(caller, "delete", "tenancy.secretspace.io", "workspaces")
    assert not await reviews.allows(_caller("ws-admin"), "manage", "iam.secretspace.io", "accounts")


async def test_the_service_cannot_act_as_a_person_on_what_grants_power(cluster: DevCluster, service: Transport) -> None:
    assert cluster.profile is Profile.CONSTRAINED
    with pytest.raises(OwnAccessError):
        await service.send(NAMESPACES, AsCaller(_caller("admin", "secretspace:platform-admins")))


async def test_going_over_to_a_profile_takes_the_other_away(cluster: DevCluster, admin: Admin) -> None:
    await apply_manifests(Profile.CLASSIC, admin.transport, admin.acting)
    under_classic = await admin.transport.send(CLASSIC_BINDING, admin.acting)

    await apply_manifests(cluster.profile, admin.transport, admin.acting)
    under_constrained = await admin.transport.send(CLASSIC_BINDING, admin.acting)

    assert len(json.loads(under_classic.body)["items"]) == 1
    assert json.loads(under_constrained.body)["items"] == []
