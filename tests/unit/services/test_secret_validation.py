import pytest

from app.domain.content import Content, DefaultContent, ServiceAccountTokenContent, SshAuthContent
from app.domain.errors import (
    AppError,
    ForbiddenError,
    InvalidError,
    ProjectNotFoundError,
    QuotaExceededError,
    RefusedByAdmissionError,
)
from app.domain.fault import Fault, Violation
from app.domain.new_secret import NewSecretDraft
from tests.unit.sample import PROJECT, REF, stored
from tests.unit.services.in_memory import House

GOOD = NewSecretDraft(REF, DefaultContent({"a": b"1"}))
BROKEN = NewSecretDraft(REF, SshAuthContent(b""))
NAME = REF.name


def told(violations: list[Violation]) -> list[tuple[str, str]]:
    return [(violation.pointer, violation.fault.code) for violation in violations]


async def test_a_draft_that_could_be_made_has_no_faults_and_is_not_made(house: House) -> None:
    assert await house.validator.judge(PROJECT, draft=GOOD) == []
    assert house.secrets.secrets == {}
    assert house.secrets.calls == ["dry create"]


async def test_a_name_that_is_free_has_no_faults_and_is_not_taken(house: House) -> None:
    assert await house.validator.judge(PROJECT, name=NAME) == []
    assert house.secrets.secrets == {}
    assert house.secrets.calls == ["dry create"]


async def test_a_name_that_is_taken_is_told(house: House) -> None:
    house.secrets.put(stored({}))

    assert told(await house.validator.judge(PROJECT, draft=GOOD)) == [("/name", "NAME_TAKEN")]
    assert told(await house.validator.judge(PROJECT, name=NAME)) == [("/name", "NAME_TAKEN")]


async def test_what_breaks_rules_is_told_together_with_a_name_that_is_taken(house: House) -> None:
    house.secrets.put(stored({}))

    assert told(await house.validator.judge(PROJECT, draft=BROKEN)) == [
        ("/content/privateKey", "SSH_KEY_REQUIRED"),
        ("/name", "NAME_TAKEN"),
    ]


async def test_a_content_alone_is_judged_by_the_rules_of_its_kind(house: House) -> None:
    faults = await house.validator.judge(PROJECT, content=SshAuthContent(b"", extra={"a b": b""}))

    assert told(faults) == [("/content/privateKey", "SSH_KEY_REQUIRED"), ("/content/a b", "KEY_INVALID")]
    assert house.secrets.calls == []


@pytest.mark.parametrize("content", [ServiceAccountTokenContent("builder"), ServiceAccountTokenContent("A")])
async def test_a_kind_that_is_switched_off_is_told(house: House, content: Content) -> None:
    assert told(await house.validator.judge(PROJECT, content=content)) == [("/content/kind", "KIND_DISABLED")]
    draft = NewSecretDraft(REF, content)
    assert told(await house.validator.judge(PROJECT, draft=draft)) == [("/content/kind", "KIND_DISABLED")]


async def test_a_name_and_a_content_are_judged_though_the_draft_is_not_whole(house: House) -> None:
    house.secrets.put(stored({}))

    assert told(await house.validator.judge(PROJECT, name=NAME, content=SshAuthContent(b""))) == [
        ("/name", "NAME_TAKEN"),
        ("/content/privateKey", "SSH_KEY_REQUIRED"),
    ]


async def test_nothing_at_all_has_no_faults_and_costs_no_try(house: House) -> None:
    assert await house.validator.judge(PROJECT) == []
    assert house.secrets.calls == []


async def test_a_policy_of_the_cluster_speaks_against_the_whole_and_not_against_the_first_step(house: House) -> None:
    house.secrets.refusal = RefusedByAdmissionError("labels.example.com")

    assert told(await house.validator.judge(PROJECT, draft=GOOD)) == [("", "REFUSED_BY_ADMISSION")]
    assert await house.validator.judge(PROJECT, name=NAME) == []


async def test_what_only_the_cluster_finds_is_told_of_the_whole(house: House) -> None:
    house.secrets.refusal = InvalidError([Violation("/labels", Fault.REFUSED)])

    assert told(await house.validator.judge(PROJECT, draft=GOOD)) == [("/labels", "REFUSED")]
    assert await house.validator.judge(PROJECT, name=NAME) == []


@pytest.mark.parametrize(
    "error", [QuotaExceededError(), ForbiddenError("create", "secrets")], ids=["quota", "forbidden"]
)
async def test_what_is_no_fault_of_the_draft_is_an_error(house: House, error: AppError) -> None:
    house.secrets.refusal = error

    with pytest.raises(type(error)):
        await house.validator.judge(PROJECT, draft=GOOD)
    with pytest.raises(type(error)):
        await house.validator.judge(PROJECT, name=NAME)


@pytest.mark.parametrize("judged", [{}, {"draft": GOOD}, {"name": NAME}, {"content": SshAuthContent(b"")}], ids=list)
async def test_nothing_is_judged_in_a_project_that_is_not_seen(house: House, judged: dict[str, object]) -> None:
    house.blind()

    with pytest.raises(ProjectNotFoundError):
        await house.validator.judge(PROJECT, **judged)  # type: ignore[arg-type]
    assert house.secrets.calls == []


def test_what_could_be_stored_is_remarked_on_with_or_without_a_name(house: House) -> None:
    content = DefaultContent({"a": b""})

    whole = house.validator.remarks(draft=NewSecretDraft(REF, content))

    assert [(each.pointer, each.code) for each in whole] == [("/content/data/a", "EMPTY_VALUE")]
    assert house.validator.remarks(content=content) == whole


@pytest.mark.parametrize("content", [None, SshAuthContent(b""), DefaultContent({"a b": b""})])
def test_of_what_cannot_be_stored_nothing_is_remarked(house: House, content: Content | None) -> None:
    assert house.validator.remarks(content=content) == ()
