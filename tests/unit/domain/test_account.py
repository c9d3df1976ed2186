import pytest

from app.domain.account import Account, PlatformRole, account_violations, is_account_name
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


def test_an_account_does_not_show_its_hash() -> None:
    assert "canary" not in repr(Account("anna", "canary"))
