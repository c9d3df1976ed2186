"""Copies and comparisons: both ends under the caller's own rights, a line first, and nothing done by halves."""

from dataclasses import replace

import pytest

from app.domain.diff import MapDiff
from app.domain.errors import (
    AlreadyExistsError,
    AuditUnavailableError,
    ForbiddenError,
    InvalidError,
    ProjectNotFoundError,
    ReadOnlySecretError,
    SecretNotFoundError,
)
from app.domain.fault import Fault, Violation
from app.domain.name import ProjectName, SecretName
from app.domain.secret import Owner, ProjectRef, SecretRef
from app.services.secret_copying import SecretCopier
from tests.unit.sample import PROJECT, REF, stored
from tests.unit.services.in_memory import VERBS, House, on_secrets

OTHER = ProjectRef("other-workspace", ProjectName("other-project"))
TARGET = SecretRef(OTHER, SecretName("copy"))


@pytest.fixture
def house() -> House:
    house = House()
    house.namespaces.add(OTHER.name, OTHER.workspace)
    house.reviews.rules_in[OTHER.name] = on_secrets(*VERBS)
    house.secrets.put(stored({"b": b"2", "a": b"1"}))
    return house


def copier(house: House) -> SecretCopier:
    return SecretCopier(house.writer, house.recorder)


async def test_the_copy_has_the_values_and_the_original_stays(house: House) -> None:
    before = house.secrets.secrets[REF.name]

    created = await copier(house).copy(REF, TARGET)

    assert house.secrets.secrets[REF.name] == before
    assert house.secrets.secrets[TARGET.name].data == before.data
    assert created.diff.data.added == ("a", "b")
    assert created.warnings == ()


async def test_a_line_tells_of_it_before_anything_is_made(house: House) -> None:
    await copier(house).copy(REF, TARGET)

    assert house.recorder.lines == [
        {
            "user": house.caller.username,
            "workspace": PROJECT.workspace,
            "project": PROJECT.name,
            "secret": REF.name,
            "copied_to": "other-workspace/other-project/copy",
            "keys": ["a", "b"],
            "request_id": house.caller.trace.request_id,
        }
    ]


async def test_what_cannot_be_recorded_is_not_copied(house: House) -> None:
    house.recorder.full = True

    with pytest.raises(AuditUnavailableError):
        await copier(house).copy(REF, TARGET)
    assert [*house.secrets.secrets] == [REF.name]


async def test_a_dry_run_makes_nothing_and_leaves_no_line(house: House) -> None:
    await copier(house).copy(REF, TARGET, dry_run=True)

    assert [*house.secrets.secrets] == [REF.name]
    assert house.recorder.lines == []


async def test_nothing_is_written_over(house: House) -> None:
    with pytest.raises(AlreadyExistsError):
        await copier(house).copy(REF, REF)


@pytest.mark.parametrize("secret_type", ["helm.sh/release.v1", "kubernetes.io/service-account-token"])
async def test_what_is_of_use_in_one_place_is_not_copied(house: House, secret_type: str) -> None:
    house.secrets.put(stored({"a": b"1"}, secret_type))

    with pytest.raises(ReadOnlySecretError):
        await copier(house).copy(REF, TARGET)
    assert house.recorder.lines == []


async def test_a_copy_of_what_a_controller_keeps_is_told_to_be_on_its_own(house: House) -> None:
    house.secrets.put(stored({"a": b"1"}, owner=Owner("bitnami.com", "SealedSecret", "demo")))

    created = await copier(house).copy(REF, TARGET)

    assert [each.code for each in created.warnings] == ["NOT_KEPT"]


async def test_a_target_that_is_not_to_be_seen_is_told_from_a_source_that_is_not(house: House) -> None:
    del house.reviews.rules_in[OTHER.name]
    elsewhere = replace(TARGET, project=replace(OTHER, workspace=PROJECT.workspace))

    for source, target, at in ((REF, TARGET, "/project"), (REF, elsewhere, "/project"), (TARGET, REF, "")):
        with pytest.raises(ProjectNotFoundError) as caught:
            await copier(house).copy(source, target)
        assert caught.value.at == at
    assert house.recorder.lines == []


async def test_a_source_that_is_not_there_is_not_copied(house: House) -> None:
    with pytest.raises(SecretNotFoundError) as caught:
        await copier(house).copy(replace(REF, name=SecretName("absent")), TARGET)
    assert caught.value.at == ""


@pytest.mark.parametrize("verb", ["get", "create"])
async def test_both_rights_are_needed(house: House, verb: str) -> None:
    house.secrets.forbidden = {verb}

    with pytest.raises(ForbiddenError):
        await copier(house).copy(REF, TARGET)


async def test_what_the_cluster_has_against_it_is_of_the_whole(house: House) -> None:
    house.secrets.refusal = InvalidError([Violation("/labels", Fault.REFUSED)])

    with pytest.raises(InvalidError) as caught:
        await copier(house).copy(REF, TARGET)
    assert caught.value.violations == (Violation("", Fault.REFUSED),)


async def test_a_comparison_tells_of_each_key(house: House) -> None:
    house.secrets.put(stored({"a": b"1", "b": b"other", "c": b"3"}, name="copy"))

    found = await copier(house).compare(REF, TARGET)

    assert found == MapDiff(added=("c",), changed=("b",), same=("a",))


async def test_it_is_said_which_of_the_two_is_not_there(house: House) -> None:
    absent = SecretName("absent")

    for left, right, at in ((replace(REF, name=absent), REF, ""), (REF, replace(REF, name=absent), "/name")):
        with pytest.raises(SecretNotFoundError) as caught:
            await copier(house).compare(left, right)
        assert caught.value.at == at


async def test_a_project_that_is_not_to_be_seen_is_not_compared_with(house: House) -> None:
    house.blind()

    for left, right, at in ((REF, TARGET, ""), (TARGET, REF, "")):
        with pytest.raises(ProjectNotFoundError) as caught:
            await copier(house).compare(left, right)
        assert caught.value.at == at
