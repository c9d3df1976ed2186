"""What HTTP tests cannot bring about: others who write at the same time."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from structlog.testing import capture_logs
from typing_extensions import override

from app.domain.account import Account, AccountEdit, NewAccount, PasswordChange
from app.domain.call import Caller, Trace
from app.domain.errors import ConflictError, IsManagerError, PreconditionFailedError
from app.domain.identity import Identity, Source
from app.domain.version import ANY, Version
from app.identity.account_change import LOST_RACES
from app.identity.administration import AccountAdministration
from app.identity.back_off import BackOff
from app.identity.password import Passwords
from tests.unit.identity.in_memory import CHEAP, AccountsInMemory, trace

PASSWORD = "canary-password-7"


class Contested(AccountsInMemory):
    """Somebody else changes the account between our reading and our writing, so many times."""

    def __init__(self, *accounts: Account, times: int, change: Callable[[Account], Account] | None = None) -> None:
        super().__init__(*accounts)
        self._times = times
        self._change = change or (lambda account: replace(account, email="x@y"))

    @override
    async def get(self, name: str, trace: Trace) -> Account | None:
        found = await super().get(name, trace)
        if self._times and found is not None:
            self._times -= 1
            self.put(self._change(found))
        return found


class Asked:
    """Rights that are all there; `asked` are those that were looked at."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    async def allows(self, caller: Caller, verb: str, group: str, resource: str, name: str = "") -> bool:
        del caller
        self.asked.append((verb, group, resource, name))
        return True


class Ended:
    """Memberships that end at once; `usernames` are those whose did."""

    def __init__(self) -> None:
        self.usernames: list[str] = []

    async def end(self, username: str, caller: Caller) -> None:
        del caller
        self.usernames.append(username)


@pytest_asyncio.fixture
async def passwords() -> AsyncIterator[Passwords]:
    made = Passwords(CHEAP)
    yield made
    made.close()


@pytest_asyncio.fixture
async def anna(passwords: Passwords) -> Account:
    return Account("anna", await passwords.hash(PASSWORD))


def caller(name: str = "admin", source: Source = Source.LOCAL, **more: Any) -> Caller:
    return Caller(Identity(f"secretspace:{name}", source=source, **more), trace())


def over(
    accounts: AccountsInMemory, passwords: Passwords, rights: Asked | None = None, ended: Ended | None = None
) -> AccountAdministration:
    return AccountAdministration(accounts, passwords, rights or Asked(), BackOff(), ended or Ended(), "secretspace:")


async def test_a_change_to_whatever_is_there_outlasts_another_and_undoes_none_of_it(
    anna: Account, passwords: Passwords
) -> None:
    accounts = Contested(anna, times=LOST_RACES - 1)
    changed = await over(accounts, passwords).update(caller(), "anna", AccountEdit(disabled=True), expected=ANY)
    assert (changed.disabled, changed.email) == (True, "x@y")
    assert accounts.actors == ["secretspace:admin"]


async def test_a_change_that_never_gets_through_is_given_up(anna: Account, passwords: Passwords) -> None:
    admin = over(Contested(anna, times=100), passwords)
    with pytest.raises(ConflictError):
        await admin.update(caller(), "anna", AccountEdit(disabled=True), expected=ANY)
    with pytest.raises(ConflictError):
        await admin.delete(caller(), "anna", expected=ANY)


async def test_a_change_to_a_version_is_not_made_to_a_later_one(anna: Account, passwords: Passwords) -> None:
    accounts = Contested(anna, times=1)
    seen = accounts.now("anna").version
    assert seen is not None
    admin = over(accounts, passwords)
    with pytest.raises(PreconditionFailedError):
        await admin.update(caller(), "anna", AccountEdit(disabled=True), expected=(seen,))
    with pytest.raises(PreconditionFailedError):
        await admin.delete(caller(), "anna", expected=(seen, Version("uid", "77")))
    assert accounts.retired == set()


async def test_of_two_new_passwords_the_second_is_not_set_with_the_old_one_as_its_proof(
    anna: Account, passwords: Passwords
) -> None:
    other = await passwords.hash("another one")
    accounts = Contested(anna, times=1, change=lambda account: replace(account, password_hash=other))
    with pytest.raises(ConflictError):
        await over(accounts, passwords).set_password(caller("anna"), "anna", PasswordChange("a new one", PASSWORD))
    assert accounts.now("anna").password_hash == other


async def test_a_session_that_begins_meanwhile_is_no_reason_not_to_set_a_password(
    anna: Account, passwords: Passwords
) -> None:
    accounts = Contested(anna, times=2)
    await over(accounts, passwords).set_password(caller("anna"), "anna", PasswordChange("a new one", PASSWORD))
    assert await passwords.verify("a new one", accounts.now("anna").password_hash)
    assert accounts.actors == [""]


async def test_the_right_is_asked_for_as_deploy_gives_it(anna: Account, passwords: Passwords) -> None:
    rights = Asked()
    await over(AccountsInMemory(anna), passwords, rights).page(caller(), 1, 10)
    assert rights.asked == [("manage", "iam.secretspace.io", "accounts", "")]


async def test_the_same_name_of_another_source_is_not_the_owner(anna: Account, passwords: Passwords) -> None:
    rights = Asked()
    await over(AccountsInMemory(anna), passwords, rights).get(caller("anna", Source.KUBERNETES), "anna")
    assert len(rights.asked) == 1


async def test_every_write_leaves_a_line_without_a_password(anna: Account, passwords: Passwords) -> None:
    admin = over(AccountsInMemory(anna), passwords)
    with capture_logs() as lines:
        await admin.create(caller(), NewAccount("bob", PASSWORD))
        await admin.update(caller(), "bob", AccountEdit(disabled=True), expected=ANY)
        await admin.set_password(caller(), "bob", PasswordChange("canary-of-a-new-one"))
        await admin.sign_out(caller(), "bob")
        await admin.delete(caller(), "bob", expected=ANY)
    assert {line["event"] for line in lines} == {"account.written"}
    assert [line["verb"] for line in lines] == ["create", "update", "setPassword", "signOut", "delete"]
    assert {(line["account"], line["user"]) for line in lines} == {("bob", "secretspace:admin")}
    assert "canary" not in repr(lines)


async def test_a_deleted_account_has_lost_its_memberships_before(anna: Account, passwords: Passwords) -> None:
    accounts, ended = AccountsInMemory(anna), Ended()
    await over(accounts, passwords, ended=ended).delete(caller(), "anna", expected=ANY)
    assert (ended.usernames, accounts.retired) == (["secretspace:anna"], {"anna"})


async def test_an_account_whose_memberships_do_not_end_stays(anna: Account, passwords: Passwords) -> None:
    class Manager(Ended):
        @override
        async def end(self, username: str, caller: Caller) -> None:
            raise IsManagerError

    accounts = AccountsInMemory(anna)
    with pytest.raises(IsManagerError):
        await over(accounts, passwords, ended=Manager()).delete(caller(), "anna", expected=ANY)
    assert accounts.retired == set()


async def test_a_version_that_is_over_ends_no_memberships(anna: Account, passwords: Passwords) -> None:
    ended = Ended()
    with pytest.raises(PreconditionFailedError):
        await over(AccountsInMemory(anna), passwords, ended=ended).delete(
            caller(), "anna", expected=(Version("uid", "77"),)
        )
    assert ended.usernames == []
