from typing import Any

import pytest

from app.domain.absent import ABSENT
from app.domain.change import InfoChange, KeyChange, Warning, Written
from app.domain.content import DefaultContent, RawContent, ServiceAccountTokenContent, TlsContent
from app.domain.detail import Deleted
from app.domain.errors import (
    AlreadyExistsError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotApplicableError,
    PreconditionFailedError,
    SecretNotFoundError,
)
from app.domain.fault import Fault, Violation
from app.domain.manifest import SecretManifest
from app.domain.name import ALIAS, CREATOR, Key
from app.domain.new_secret import NewSecretDraft
from app.domain.terms import Terms, UpsertTerms
from app.domain.version import ANY, Precondition, Version
from tests.unit.sample import REF, stored, version
from tests.unit.services.in_memory import House
from tests.unit.services.write import write

A, B = Key("a"), Key("b")
DRAFT = NewSecretDraft(REF, DefaultContent({"a": b"1"}))
SEVEN = version(7)
HELM = "helm.sh/release.v1"


async def violations(refused: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidError) as caught:
        await refused
    return [(violation.pointer, violation.fault.code) for violation in caught.value.violations]


def told(written: Written) -> tuple[Version | None, Version | None, tuple[str, ...]]:
    """The versions after and before, and the keys that changed."""
    return written.version, written.previous, written.changed_keys


class TestCreate:
    async def test_a_secret_is_made_with_its_creator(self, house: House) -> None:
        created = await house.writer.create(DRAFT)

        made = house.secrets.secrets[REF.name]
        assert (made.type, made.data) == ("Opaque", {"a": b"1"})
        assert made.metadata.annotations == {CREATOR: house.caller.username}
        assert created.detail.secret == made.row
        assert "delete" in created.detail.allowed_actions

    async def test_a_dry_run_makes_nothing(self, house: House) -> None:
        created = await house.writer.create(DRAFT, dry_run=True)

        assert created.detail.secret.key_count == 1
        assert house.secrets.secrets == {}

    async def test_a_name_that_is_taken_is_not_taken_over(self, house: House) -> None:
        secret = house.secrets.put(stored({"a": b"0"}))

        with pytest.raises(AlreadyExistsError):
            await house.writer.create(DRAFT)
        assert house.secrets.secrets[REF.name] == secret

    async def test_what_breaks_rules_is_not_sent(self, house: House) -> None:
        broken = NewSecretDraft(REF, DefaultContent({str(number): b"" for number in range(9)}))

        assert await violations(house.writer.create(broken)) == [("/content/data", "TOO_MANY_KEYS")]
        assert house.secrets.calls == []

    async def test_a_token_is_minted_only_where_that_is_allowed(self, house: House) -> None:
        draft = NewSecretDraft(REF, ServiceAccountTokenContent("builder"))

        assert await violations(house.writer.create(draft)) == [("/content/kind", "KIND_DISABLED")]
        assert house.secrets.calls == []


class TestUpsert:
    @staticmethod
    async def put(house: House, draft: NewSecretDraft = DRAFT, **how: Any) -> Any:
        return await house.writer.upsert(draft, UpsertTerms(**how))

    async def test_what_is_not_there_is_created(self, house: House) -> None:
        created = await self.put(house)

        assert created.detail.secret == house.secrets.secrets[REF.name].row

    async def test_what_is_there_is_replaced(self, house: House) -> None:
        house.secrets.put(stored({"old": b"0"}, annotations={ALIAS: "Old"}))

        written = await self.put(house)

        assert told(written) == (version(101), SEVEN, ("a", "old"))
        assert house.secrets.secrets[REF.name].data == {"a": b"1"}
        assert house.secrets.secrets[REF.name].metadata.alias == "Old"

    async def test_what_says_the_same_is_not_written(self, house: House) -> None:
        house.secrets.put(stored({"a": b"1"}))

        assert told(await self.put(house)) == (SEVEN, SEVEN, ())
        assert house.secrets.calls == ["get"]

    async def test_what_leaves_out_what_only_a_stored_secret_has_is_judged_over_it(self, house: House) -> None:
        house.secrets.put(stored({"a": b"0"}))
        raw = NewSecretDraft(REF, RawContent("Opaque", {"a": b"1"}))

        assert (await self.put(house, raw)).changed_keys == ("a",)
        house.secrets.secrets.clear()
        assert await violations(self.put(house, raw)) == [("/content/kind", "INVALID_VALUE")]

    async def test_only_what_is_not_there_is_created_where_that_is_asked(self, house: House) -> None:
        await self.put(house, only_create=True)

        with pytest.raises(PreconditionFailedError):
            await self.put(house, only_create=True)
        assert house.secrets.calls == ["create", "create"]

    async def test_nothing_is_both_there_and_not_there(self, house: House) -> None:
        with pytest.raises(PreconditionFailedError):
            await self.put(house, only_create=True, expected=ANY)
        assert house.secrets.calls == []

    @pytest.mark.parametrize("expected", [ANY, (SEVEN,)])
    async def test_only_what_is_there_is_replaced_where_that_is_asked(
        self, house: House, expected: Precondition
    ) -> None:
        with pytest.raises(SecretNotFoundError):
            await self.put(house, expected=expected)
        assert house.secrets.secrets == {}

    async def test_what_somebody_else_made_in_between_is_replaced(self, house: House) -> None:
        house.secrets.meanwhile.append(lambda: house.secrets.put(stored({"old": b"0"})))

        assert (await self.put(house)).changed_keys == ("a", "old")
        assert house.secrets.calls == ["get", "create", "get", "patch"]

    async def test_what_comes_and_goes_is_a_conflict(self, house: House) -> None:
        house.secrets.meanwhile.append(lambda: house.secrets.put(stored({"old": b"0"})))
        house.secrets.meanwhile.append(house.secrets.secrets.clear)

        with pytest.raises(ConflictError):
            await self.put(house)

    async def test_who_may_not_read_may_still_create(self, house: House) -> None:
        house.secrets.forbidden = {"get"}

        await self.put(house)

        assert house.secrets.secrets[REF.name].data == {"a": b"1"}

    async def test_who_may_not_read_may_not_replace(self, house: House) -> None:
        secret = house.secrets.put(stored({"a": b"0"}))
        house.secrets.forbidden = {"get"}

        with pytest.raises(ForbiddenError):
            await self.put(house)
        assert house.secrets.secrets[REF.name] == secret


class TestChanges:
    async def test_a_change_of_keys_tells_the_keys_it_names(self, house: House) -> None:
        house.secrets.put(stored({"a": b"1", "b": b"2"}))
        change = KeyChange({A: b"3"}, remove=frozenset({B}))

        written = await house.writer.edit(REF, change, Terms(ANY))

        assert told(written) == (version(101), SEVEN, ("a", "b"))
        assert house.secrets.secrets[REF.name].data == {"a": b"3"}

    async def test_a_change_of_keys_that_changes_nothing_tells_none(self, house: House) -> None:
        house.secrets.put(stored({"a": b"2"}))

        assert told(await write(house, "keys", ANY)) == (SEVEN, SEVEN, ())

    async def test_a_guard_that_fails_is_told_as_such(self, house: House) -> None:
        house.secrets.put(stored({"a": b"1"}))

        with pytest.raises(NotApplicableError) as unset:
            await house.writer.edit(REF, KeyChange(set_if_absent={A: b"2"}), Terms((SEVEN,)))
        with pytest.raises(NotApplicableError) as unnamed:
            await house.writer.edit(REF, KeyChange(rename={B: A}), Terms((SEVEN,)))

        assert unset.value.violations == (Violation("/setIfAbsent/a", Fault.KEY_PRESENT),)
        assert unnamed.value.violations == (
            Violation("/rename/b", Fault.KEY_ABSENT),
            Violation("/rename/b", Fault.RENAME_TARGET_PRESENT),
        )

    async def test_a_guard_that_fails_on_a_newer_secret_is_a_version_that_is_gone(self, house: House) -> None:
        house.secrets.put(stored({"a": b"1"}))
        house.secrets.meanwhile.append(house.secrets.touch)

        with pytest.raises(PreconditionFailedError):
            await house.writer.edit(REF, KeyChange(set_if_absent={A: b"2"}), Terms((SEVEN,)))

    async def test_a_change_adds_no_more_keys_than_a_secret_may_have(self, house: House) -> None:
        change = KeyChange({Key(str(number)): b"" for number in range(9)})

        refused = house.writer.edit(REF, change, Terms(ANY))

        assert await violations(refused) == [("/set", "TOO_MANY_KEYS")]
        assert house.secrets.calls == []

    async def test_a_change_may_add_as_many_keys_as_a_secret_may_have(self, house: House) -> None:
        house.secrets.put(stored({}))
        change = KeyChange({Key(str(number)): b"" for number in range(8)})

        assert len((await house.writer.edit(REF, change, Terms(ANY))).changed_keys) == 8

    async def test_what_the_cluster_has_against_the_keys_is_told_of_the_whole_change(self, house: House) -> None:
        house.secrets.put(stored({"a": b"1"}))
        house.secrets.refusal = InvalidError([Violation("/content", Fault.VALUES_TOO_LARGE)])

        assert await violations(write(house, "keys", ANY)) == [("", "VALUES_TOO_LARGE")]

    async def test_an_edit_of_data_writes_only_what_differs(self, house: House) -> None:
        house.secrets.put(stored({"a": b"1", "b": b"2"}))

        written = await house.writer.edit(REF, DefaultContent({"a": b"1", "c": b"3"}), Terms(ANY))

        assert written.changed_keys == ("b", "c")
        assert house.secrets.secrets[REF.name].data == {"a": b"1", "c": b"3"}

    @pytest.mark.parametrize("secret_type", ["Opaque", HELM])
    async def test_an_edit_of_data_that_says_the_same_writes_nothing(self, house: House, secret_type: str) -> None:
        house.secrets.put(stored({"a": b"1"}, secret_type, immutable=True))
        content = RawContent(secret_type, {"a": b"1"})

        written = await house.writer.edit(REF, content, Terms((SEVEN,)))

        assert told(written) == (SEVEN, SEVEN, ())
        assert house.secrets.calls == ["get"]

    async def test_an_edit_of_another_kind_is_refused(self, house: House) -> None:
        house.secrets.put(stored({"a": b"1"}))

        refused = house.writer.edit(REF, TlsContent(b"", b""), Terms(ANY))

        assert await violations(refused) == [("/content/kind", "TYPE_IMMUTABLE")]

    async def test_an_edit_of_information_reads_and_sends_no_values(self, house: House) -> None:
        house.secrets.put(stored({"a": b"1"}, labels={"old": "x"}))
        house.secrets.forbidden = {"get"}
        change = InfoChange("Demo", None, {"old": None, "new": "y"}, {"note": "z"})

        written = await house.writer.edit(REF, change, Terms((SEVEN,)))

        after = house.secrets.secrets[REF.name].metadata
        assert told(written) == (version(101), SEVEN, ())
        assert (after.alias, after.labels, after.annotations["note"]) == ("Demo", {"new": "y"}, "z")
        assert house.secrets.calls == ["look", "patch"]

    async def test_an_edit_of_information_that_names_nothing_still_takes_the_right_to_edit(self, house: House) -> None:
        house.secrets.put(stored({"a": b"1"}))
        house.secrets.forbidden = {"patch"}

        with pytest.raises(ForbiddenError):
            await house.writer.edit(REF, InfoChange(ABSENT, ABSENT), Terms(ANY))

    async def test_a_delete_tells_whether_a_finalizer_holds_the_secret(self, house: House) -> None:
        house.secrets.put(stored({}))
        house.secrets.held = True

        assert await write(house, "delete", (SEVEN,)) == Deleted(SEVEN, pending=True)


class TestYaml:
    @staticmethod
    async def update(house: House, **fields: Any) -> Written:
        manifest = SecretManifest(REF.name, **fields)
        return await house.writer.edit(REF, manifest, Terms(ANY))

    async def test_the_document_is_the_whole(self, house: House) -> None:
        house.secrets.put(stored({"a": b"1", "b": b"2"}, labels={"app": "demo"}))

        written = await self.update(house, data={"a": b"3"}, annotations={"note": "x"})

        after = house.secrets.secrets[REF.name]
        assert told(written) == (version(101), SEVEN, ("a", "b"))
        assert (after.data, after.metadata.labels, after.metadata.annotations) == ({"a": b"3"}, {}, {"note": "x"})

    async def test_warnings_come_along(self, house: House) -> None:
        house.secrets.put(stored({}))
        warning = Warning("/status", "IGNORED", "Words.")

        written = await self.update(house, warnings=(warning,), annotations={"last-applied": "{}"})

        assert [each.code for each in written.warnings] == ["IGNORED", "HIDDEN_ANNOTATION"]

    async def test_a_key_that_the_type_asks_for_is_missed_where_the_data_stands(self, house: House) -> None:
        house.secrets.put(stored({"ssh-privatekey": b"k"}, "kubernetes.io/ssh-auth"))

        with pytest.raises(InvalidError) as caught:
            await self.update(house, data={"a": b""}, positions={"/data": (4, 1)})

        assert caught.value.violations == (Violation("/data/ssh-privatekey", Fault.DATA_REQUIRED_BY_TYPE, 4, 1),)

    async def test_the_number_of_keys_grows_no_further_than_allowed(self, house: House) -> None:
        house.secrets.put(stored({"a": b""}))
        eight = {str(number): b"" for number in range(8)}

        assert len((await self.update(house, data=eight)).changed_keys) == 9
        assert await violations(self.update(house, data=eight | {"a": b""})) == [("/data", "TOO_MANY_KEYS")]

    async def test_what_only_the_cluster_finds_is_told_at_its_line(self, house: House) -> None:
        house.secrets.put(stored({}))
        house.secrets.refusal = InvalidError([Violation("/labels", Fault.REFUSED)])

        with pytest.raises(InvalidError) as caught:
            await self.update(house, labels={"app": "x"}, positions={"/metadata/labels": (5, 3)})

        assert caught.value.violations == (Violation("/metadata/labels", Fault.REFUSED, 5, 3),)
