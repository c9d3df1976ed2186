"""From a name and a password to a call under that person's own rights."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_hex

import pytest
import pytest_asyncio

from app.domain.account import NewAccount
from app.domain.call import Caller
from app.domain.errors import ForbiddenError, InvalidGrantError, InvalidTokenError
from app.identity.authenticator import Authenticator
from app.identity.back_off import BackOff
from app.identity.bootstrap import create_account
from app.identity.cluster_token import ClusterTokens
from app.identity.local import IssuedToken, LocalTokens
from app.identity.password import Cost, Passwords
from app.identity.sign_in import SignIn, SignInAttempt
from app.identity.signing import KeyRing
from app.k8s.account import Accounts
from app.k8s.impersonation import AsCaller
from app.k8s.request import KubeRequest, core_path
from app.k8s.signing_key import SigningKeys
from app.k8s.token_review import TokenReviewer
from app.k8s.transport import Transport
from app.settings import Local
from devcluster import ControlPlane
from tests.contract.identity.conftest import OWN_NAMESPACE, Admin, trace

PASSWORD = "canary-password-91c3"


@dataclass
class Replica:
    """Identity as it is wired in the service."""

    accounts: Accounts
    passwords: Passwords
    sign_in: SignIn
    authenticator: Authenticator
    transport: Transport

    async def new_account(self) -> str:
        name = f"anna-{token_hex(4)}"
        await create_account(NewAccount(name, PASSWORD), self.accounts, self.passwords, trace())
        return name

    async def caller(self, token: str) -> Caller:
        now = trace()
        return Caller(await self.authenticator.authenticate([f"Bearer {token}".encode()], now), now)


@pytest_asyncio.fixture
async def replica(service: Transport) -> AsyncIterator[Replica]:
    passwords = Passwords(Cost(memory_kib=64, passes=1))
    accounts = Accounts(service, OWN_NAMESPACE)
    tokens = LocalTokens(Local(), KeyRing(SigningKeys(service, OWN_NAMESPACE)), accounts)
    cluster = ClusterTokens(TokenReviewer(service), "secretspace:")
    yield Replica(
        accounts,
        passwords,
        SignIn(accounts, passwords, tokens, BackOff(), prefix="secretspace:", session_lifetime=timedelta(hours=1)),
        Authenticator({"secretspace": tokens}, cluster, 16 * 1024),
        service,
    )
    passwords.close()


async def test_who_signs_in_has_the_rights_that_the_cluster_gives_to_that_name(replica: Replica, admin: Admin) -> None:
    name, namespace = await replica.new_account(), await admin.namespace()
    await _allow_listing_secrets(admin, namespace, f"secretspace:{name}")
    token = (await replica.sign_in.with_password(SignInAttempt(name, PASSWORD), trace())).value
    caller = await replica.caller(token)
    here = await replica.transport.send(KubeRequest("GET", core_path(namespace, "secrets")), AsCaller(caller))
    assert json.loads(here.body)["items"] == []
    with pytest.raises(ForbiddenError):
        await replica.transport.send(KubeRequest("GET", core_path("default", "secrets")), AsCaller(caller))


async def test_nobody_signs_in_with_another_password_or_without_an_account(replica: Replica) -> None:
    name = await replica.new_account()
    for username, password in ((name, "wrong"), ("nobody", PASSWORD), ("secretspace-system:accounts", PASSWORD)):
        with pytest.raises(InvalidGrantError):
            await replica.sign_in.with_password(SignInAttempt(username, password), trace())


async def test_a_hash_made_at_a_lower_cost_is_replaced_in_the_cluster(replica: Replica) -> None:
    name = await replica.new_account()
    dearer = Passwords(Cost(memory_kib=128, passes=1))
    tokens = LocalTokens(Local(), KeyRing(SigningKeys(replica.transport, OWN_NAMESPACE)), replica.accounts)
    sign_in = SignIn(
        replica.accounts, dearer, tokens, BackOff(), prefix="secretspace:", session_lifetime=timedelta(hours=1)
    )
    await sign_in.with_password(SignInAttempt(name, PASSWORD), trace())
    account = await replica.accounts.get(name, trace())
    dearer.close()
    assert account is not None
    assert not dearer.is_outdated(account.password_hash)


async def test_a_token_ends_when_the_operator_disables_the_account(replica: Replica, admin: Admin) -> None:
    name = await replica.new_account()
    token = (await replica.sign_in.with_password(SignInAttempt(name, PASSWORD), trace())).value
    await replica.caller(token)
    await _disable(admin, name)
    with pytest.raises(InvalidTokenError, match="account"):
        await replica.caller(token)
    with pytest.raises(InvalidGrantError):
        await replica.sign_in.with_password(SignInAttempt(name, PASSWORD), trace())


async def test_of_many_who_renew_a_session_at_once_one_gets_through_and_the_session_ends(replica: Replica) -> None:
    name = await replica.new_account()
    issued = await replica.sign_in.with_password(SignInAttempt(name, PASSWORD, stay=True), trace())
    token = issued.refresh_token or ""

    async def renew() -> IssuedToken | InvalidGrantError:
        try:
            return await replica.sign_in.with_refresh_token(token, trace())
        except InvalidGrantError as error:
            return error

    outcomes = await asyncio.gather(*(renew() for _ in range(4)))
    (renewed,) = [each for each in outcomes if isinstance(each, IssuedToken)]
    for access_token in (issued.value, renewed.value):
        with pytest.raises(InvalidTokenError, match="session"):
            await replica.caller(access_token)


async def test_sessions_that_begin_at_once_are_all_kept(replica: Replica) -> None:
    name = await replica.new_account()
    attempt = SignInAttempt(name, PASSWORD, stay=True)
    issued = await asyncio.gather(*(replica.sign_in.with_password(attempt, trace()) for _ in range(4)))
    for each in issued:
        assert (await replica.sign_in.with_refresh_token(each.refresh_token or "", trace())).value


async def test_neither_password_nor_token_stands_in_the_audit_log(replica: Replica, plane: ControlPlane) -> None:
    name = await replica.new_account()
    token = (await replica.sign_in.with_password(SignInAttempt(name, PASSWORD), trace())).value
    await replica.caller(token)
    log = plane.audit_log.read_text(encoding="utf-8")
    assert name in log
    assert PASSWORD not in log
    assert token not in log


async def _allow_listing_secrets(admin: Admin, namespace: str, user: str) -> None:
    group = "rbac.authorization.k8s.io"
    rule = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]}
    path = f"/apis/{group}/v1/namespaces/{namespace}"
    await admin.post(f"{path}/roles", {"metadata": {"name": "lister"}, "rules": [rule]})
    binding = {
        "metadata": {"name": "lister"},
        "roleRef": {"apiGroup": group, "kind": "Role", "name": "lister"},
        "subjects": [{"apiGroup": group, "kind": "User", "name": user}],
    }
    await admin.post(f"{path}/rolebindings", binding)


async def _disable(admin: Admin, name: str) -> None:
    await admin.merge(
        f"/api/v1/namespaces/{OWN_NAMESPACE}/secrets/account-{name}", {"stringData": {"disabled": "true"}}
    )
