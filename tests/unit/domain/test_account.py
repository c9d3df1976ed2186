from datetime import UTC, datetime, timedelta

import pytest

from app.domain.account import (
    MAX_SESSIONS,
    Account,
    AccountEdit,
    NewAccount,
    PasswordChange,
    PlatformRole,
    Session,
    account_violations,
    is_account_name,
)
from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation


@pytest.mark.parametrize("name", ["a", "7", "project-regular", "x" * 63, "0-0"])
def test_a_dns_label_can_be_an_account(name: str) -> None:
    assert is_account_name(name)
    assert Account(name, "$hash").name == name


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a.b", "a_b", "a:b", "a/b", "x" * 64, "a\n", "ä", " a", "../a"])
def test_nothing_else_can(name: str) -> None:
    assert not is_account_name(name)
    with pytest.raises(InvalidError):
        Account(name, "$hash")


@pytest.mark.parametrize("email", ["", "a@b", "anna.maria+x@example.org", "ä@ö.example"])
def test_an_address_has_two_sides(email: str) -> None:
    assert list(account_violations("anna", email)) == []


@pytest.mark.parametrize("email", ["a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\n", "x" * 65 + "@y", "a@" + "y" * 190])
def test_what_has_not_is_no_address(email: str) -> None:
    assert list(account_violations("anna", email)) == [Violation("/email", Fault.EMAIL_INVALID)]


def test_the_groups_of_roles_are_those_that_deploy_binds() -> None:
    assert [role.group for role in PlatformRole] == ["platform-admins", "workspace-creators"]


NOW = datetime(2026, 11, 24, tzinfo=UTC)
ADMIN = frozenset({PlatformRole.PLATFORM_ADMIN})


def session(name: str, token_hash: str = "hash", hours: int = 1) -> Session:
    return Session(name, token_hash, NOW + timedelta(hours=hours))


ANNA = Account("anna", "$hash", "a@b", ADMIN, epoch=3, must_change_password=True, sessions=(session("one"),))


def test_nothing_shows_its_secret() -> None:
    shown = [Account("anna", "canary"), NewAccount("anna", "canary"), PasswordChange("canary", "canary")]
    assert "canary" not in repr([*shown, session("one", "canary")])


def test_signing_out_ends_tokens_and_sessions() -> None:
    out = ANNA.signed_out()
    assert (out.epoch, out.sessions) == (4, ())


@pytest.mark.parametrize("by_owner", [True, False])
def test_a_new_password_ends_tokens_and_need_not_be_changed_where_its_owner_chose_it(by_owner: bool) -> None:
    changed = ANNA.with_password("$new", by_owner=by_owner)
    assert (changed.password_hash, changed.epoch, changed.sessions) == ("$new", 4, ())
    assert changed.must_change_password is not by_owner


@pytest.mark.parametrize(
    "edit",
    [
        AccountEdit(disabled=True),
        AccountEdit(platform_roles=frozenset()),
        AccountEdit(disabled=True, email="x@y", platform_roles=frozenset(PlatformRole)),
    ],
)
def test_tokens_end_where_an_account_is_disabled_or_its_roles_are_others(edit: AccountEdit) -> None:
    changed = ANNA.edited(edit)
    assert (changed.epoch, changed.sessions) == (4, ())


@pytest.mark.parametrize(
    "edit", [AccountEdit(), AccountEdit(disabled=False, platform_roles=ADMIN), AccountEdit(email="x@y")]
)
def test_tokens_stay_where_nothing_of_that_changes(edit: AccountEdit) -> None:
    changed = ANNA.edited(edit)
    assert (changed.epoch, changed.sessions) == (3, ANNA.sessions)


def test_tokens_of_before_stay_ended_where_an_account_is_enabled_again() -> None:
    assert ANNA.edited(AccountEdit(disabled=True)).edited(AccountEdit(disabled=False)).epoch == 4


def test_an_address_is_changed_or_taken_away_or_stays() -> None:
    edits = (AccountEdit(email="x@y"), AccountEdit(email=None), AccountEdit())
    assert [ANNA.edited(edit).email for edit in edits] == ["x@y", "", "a@b"]


def test_a_session_is_found_until_it_is_over() -> None:
    assert ANNA.session("one", NOW) == session("one")
    assert ANNA.session("one", NOW + timedelta(hours=1)) is None
    assert ANNA.session("two", NOW) is None


def test_a_session_that_is_renewed_keeps_its_place() -> None:
    both = ANNA.with_session(session("two"), NOW).with_session(session("one", "next"), NOW)
    assert both.sessions == (session("one", "next"), session("two"))
    assert both.without_session("one").sessions == (session("two"),)


def test_sessions_that_are_over_make_room() -> None:
    later = ANNA.with_session(session("two", hours=3), NOW + timedelta(hours=2))
    assert [each.id for each in later.sessions] == ["two"]


def test_there_are_only_so_many_sessions_and_the_first_one_goes() -> None:
    account = ANNA
    for number in range(MAX_SESSIONS):
        account = account.with_session(session(str(number)), NOW)
    assert [each.id for each in account.sessions] == [str(number) for number in range(MAX_SESSIONS)]
