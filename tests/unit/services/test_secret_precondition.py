"""What every write over a Secret is held to: its version, the guards, and who sees what."""

import pytest

from app.domain.content import DefaultContent
from app.domain.detail import Deleted
from app.domain.errors import (
    ConflictError,
    ForbiddenError,
    ImmutableSecretError,
    PreconditionFailedError,
    ProjectNotFoundError,
    ReadOnlySecretError,
    SecretNotFoundError,
    UpstreamTimeoutError,
)
from app.domain.new_secret import NewSecretDraft
from app.domain.override import Override
from app.domain.terms import UpsertTerms
from app.domain.version import ANY, Precondition, Version
from app.services.precondition import LOST_RACES
from tests.unit.sample import OTHER_UID, REF, stored, version
from tests.unit.services.in_memory import House
from tests.unit.services.write import READING, WRITES, write

DRAFT = NewSecretDraft(REF, DefaultContent({"a": b"1"}))
STALE, SEVEN = version(6), version(7)
HELM, TOKEN = "helm.sh/release.v1", "kubernetes.io/service-account-token"


class TestPrecondition:
    @pytest.mark.parametrize("how", WRITES)
    @pytest.mark.parametrize("expected", [(SEVEN,), (STALE, SEVEN), ANY], ids=["one", "one of several", "any"])
    async def test_a_write_at_the_expected_version_takes_place(
        self, house: House, how: str, expected: Precondition
    ) -> None:
        house.secrets.put(stored({"a": b"1"}))

        outcome = await write(house, how, expected)

        assert outcome.previous == SEVEN
        assert house.secrets.secrets.get(REF.name) != stored({"a": b"1"})

    @pytest.mark.parametrize("how", WRITES)
    @pytest.mark.parametrize("expected", [(STALE,), (version(7, OTHER_UID),), ()], ids=["stale", "made anew", "none"])
    async def test_a_write_at_another_version_does_not(self, house: House, how: str, expected: Precondition) -> None:
        secret = house.secrets.put(stored({"a": b"1"}))

        with pytest.raises(PreconditionFailedError):
            await write(house, how, expected)

        assert house.secrets.secrets[REF.name] == secret

    @pytest.mark.parametrize("how", WRITES)
    async def test_a_write_that_was_overtaken_does_not(self, house: House, how: str) -> None:
        house.secrets.put(stored({"a": b"1"}))
        house.secrets.meanwhile.append(house.secrets.touch)

        with pytest.raises(PreconditionFailedError):
            await write(house, how, (SEVEN,))

        assert house.secrets.secrets[REF.name].data == {"a": b"1"}

    @pytest.mark.parametrize("how", WRITES)
    async def test_a_write_to_whatever_is_there_is_tried_again(self, house: House, how: str) -> None:
        house.secrets.put(stored({"a": b"1"}))
        house.secrets.meanwhile.extend([house.secrets.touch] * (LOST_RACES - 1))

        outcome = await write(house, how, ANY)

        assert outcome.previous == version(100 + LOST_RACES - 1)

    @pytest.mark.parametrize("how", WRITES)
    async def test_a_write_to_whatever_is_there_gives_up_after_so_many_lost_races(self, house: House, how: str) -> None:
        house.secrets.put(stored({"a": b"1"}))
        house.secrets.meanwhile.extend([house.secrets.touch] * LOST_RACES)

        with pytest.raises(ConflictError):
            await write(house, how, ANY)

        assert house.secrets.calls.count("look") + house.secrets.calls.count("get") == LOST_RACES

    @pytest.mark.parametrize(
        ("expected", "previous"),
        [(ANY, None), ((SEVEN,), SEVEN), ((SEVEN, STALE), SEVEN)],
        ids=["any", "one", "the first of several"],
    )
    async def test_who_may_not_look_writes_at_what_they_expect(
        self, house: House, expected: Precondition, previous: Version | None
    ) -> None:
        house.secrets.put(stored({"a": b"1"}))
        house.secrets.forbidden = {"get", "patch"}

        assert await write(house, "delete", expected) == Deleted(previous, pending=False)

    async def test_who_may_not_look_does_not_write_at_another_version(self, house: House) -> None:
        house.secrets.put(stored({"a": b"1"}))
        house.secrets.forbidden = {"get", "patch"}

        with pytest.raises(PreconditionFailedError):
            await write(house, "delete", (STALE,))

        assert house.secrets.calls[:2] == ["look", "delete"]

    @pytest.mark.parametrize("how", WRITES)
    async def test_what_is_not_there_cannot_be_written_over(self, house: House, how: str) -> None:
        house.secrets.put(stored({"a": b"1"}))
        house.secrets.meanwhile.append(house.secrets.secrets.clear)

        with pytest.raises(SecretNotFoundError):
            await write(house, how, ANY)


class TestGuard:
    @pytest.mark.parametrize("how", WRITES)
    @pytest.mark.parametrize("secret_type", [HELM, TOKEN])
    async def test_a_read_only_secret_is_not_written(self, house: House, how: str, secret_type: str) -> None:
        secret = house.secrets.put(stored({"a": b"1"}, secret_type))

        with pytest.raises(ReadOnlySecretError):
            await write(house, how, ANY, {Override.MANAGED, Override.IN_USE})

        assert house.secrets.secrets[REF.name] == secret

    @pytest.mark.parametrize("how", WRITES)
    async def test_a_read_only_secret_is_written_where_that_is_set_aside(self, house: House, how: str) -> None:
        house.secrets.put(stored({"a": b"1"}, HELM))

        assert (await write(house, how, ANY, {Override.READ_ONLY})).previous == SEVEN

    @pytest.mark.parametrize("how", READING)
    async def test_the_values_of_an_immutable_secret_stay(self, house: House, how: str) -> None:
        house.secrets.put(stored({"a": b"1"}, immutable=True))

        with pytest.raises(ImmutableSecretError):
            await write(house, how, ANY, {Override.READ_ONLY})

        assert "patch" not in house.secrets.calls

    async def test_the_mark_of_an_immutable_secret_stays(self, house: House) -> None:
        house.secrets.put(stored({"a": b"1"}, immutable=True))
        draft = NewSecretDraft(REF, DefaultContent({"a": b"1"}), immutable=False)

        with pytest.raises(ImmutableSecretError):
            await house.writer.upsert(draft, UpsertTerms(ANY))

    async def test_the_information_of_an_immutable_secret_may_change(self, house: House) -> None:
        house.secrets.put(stored({"a": b"1"}, immutable=True))

        await write(house, "info", ANY)

        assert house.secrets.secrets[REF.name].metadata.alias == "Demo"


class TestVisibility:
    @pytest.mark.parametrize("how", WRITES)
    async def test_who_sees_nothing_of_a_project_is_told_that_it_is_not_there(self, house: House, how: str) -> None:
        house.secrets.put(stored({"a": b"1"}))
        house.blind()

        with pytest.raises(ProjectNotFoundError):
            await write(house, how, ANY)
        with pytest.raises(ProjectNotFoundError):
            await house.writer.create(DRAFT)

    @pytest.mark.parametrize("how", WRITES)
    async def test_who_sees_the_project_is_told_what_they_may_not(self, house: House, how: str) -> None:
        house.secrets.put(stored({"a": b"1"}))
        house.secrets.forbidden = {"get", "patch", "delete", "create"}

        with pytest.raises(ForbiddenError):
            await write(house, how, ANY)

    async def test_a_refusal_of_any_sort_tells_nothing_of_a_project_that_is_not_seen(self, house: House) -> None:
        house.secrets.put(stored({"a": b"1"}))
        house.reviews.rules_in.clear()

        with pytest.raises(ProjectNotFoundError):
            await house.writer.create(DRAFT)

    async def test_trouble_upstream_is_told_without_asking_for_more(self, house: House) -> None:
        house.secrets.refusal = UpstreamTimeoutError()

        with pytest.raises(UpstreamTimeoutError):
            await house.writer.create(DRAFT)
        assert house.reviews.asked == []
