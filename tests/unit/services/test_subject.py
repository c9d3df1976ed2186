import pytest

from app.domain.account import Account
from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation
from app.domain.workspace import Subject, SubjectKind
from app.services.subject import UserNames
from tests.unit.identity.in_memory import AccountsInMemory, trace

USER, GROUP = SubjectKind


def names(*, enabled: bool = True) -> UserNames:
    return UserNames(AccountsInMemory(Account("anna", "hash")) if enabled else None, "local:")


@pytest.mark.parametrize(
    ("named", "meant"),
    [
        (Subject(USER, "anna"), "local:anna"),
        (Subject(USER, "local:anna"), "local:anna"),
        (Subject(USER, "ben"), "ben"),
        (Subject(USER, "anna@example.com"), "anna@example.com"),
        (Subject(GROUP, "anna"), "anna"),
        (Subject(GROUP, "local:platform-admins"), "local:platform-admins"),
    ],
)
async def test_a_user_may_be_named_as_a_local_account_and_nothing_else_is(named: Subject, meant: str) -> None:
    assert await names().subject(named, trace()) == Subject(named.kind, meant)


@pytest.mark.parametrize("name", ["local:ben", "local:", "local:No Name", "local:local:anna"])
async def test_a_name_that_only_an_account_could_have_needs_the_account(name: str) -> None:
    with pytest.raises(InvalidError) as refused:
        await names().subject(Subject(USER, name), trace())
    assert refused.value.violations == (Violation("/subject/name", Fault.ACCOUNT_UNKNOWN),)


@pytest.mark.parametrize("name", ["anna", "local:anna"])
async def test_where_local_accounts_are_off_names_are_as_they_are(name: str) -> None:
    assert await names(enabled=False).subject(Subject(USER, name), trace()) == Subject(USER, name)
