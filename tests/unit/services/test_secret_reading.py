import asyncio

import pytest

from app.domain.access import METADATA, Rule, Rules
from app.domain.content import AccountPasswordContent, DefaultContent, RawContent
from app.domain.detail import Revealed
from app.domain.errors import (
    AppError,
    AuditUnavailableError,
    ForbiddenError,
    KeyNotFoundError,
    NotExportableError,
    ProjectNotFoundError,
    SecretNotFoundError,
    TooManyRequestsError,
)
from app.domain.exported import ExportFormat
from app.domain.fault import Fault, Violation
from app.domain.listing import SecretQuery
from app.domain.secret import ProjectRef
from app.services.reveal_gate import RevealGate
from tests.support.canary import canary
from tests.unit.sample import PROJECT, REF, stored, version
from tests.unit.services.in_memory import SEEING, VERBS, House, on_secrets

BASIC = "kubernetes.io/basic-auth"
PAIR = {"username": b"u", "password": b"p"}


class TestList:
    async def test_a_list_is_filtered_sorted_and_cut_here(self, house: House) -> None:
        for name in ("b", "a", "c"):
            house.secrets.put(stored({}, name=name))

        found = await house.reader.list(PROJECT, SecretQuery(limit=2, label_selector="app=demo"))

        assert [row.metadata.name for row in found.page.items] == ["a", "b"]
        assert (found.page.total, house.secrets.selectors) == (3, ["app=demo"])
        assert house.secrets.calls == ["list"]

    async def test_who_may_not_list_is_told_so_where_they_see_the_project(self, house: House) -> None:
        house.secrets.forbidden = {"list"}

        with pytest.raises(ForbiddenError):
            await house.reader.list(PROJECT, SecretQuery())

    async def test_who_sees_nothing_is_told_that_the_project_is_not_there(self, house: House) -> None:
        house.blind()

        with pytest.raises(ProjectNotFoundError):
            await house.reader.list(PROJECT, SecretQuery())


@pytest.fixture
def viewed(house: House) -> House:
    """A house with one Secret, whose caller sees Secrets and may do nothing with them."""
    house.secrets.put(stored(PAIR, BASIC))
    house.secrets.forbidden = set(VERBS)
    house.reviews.rules_in[PROJECT.name] = SEEING
    return house


class TestSeeing:
    async def test_a_list_is_made_for_who_only_sees(self, viewed: House) -> None:
        found = await viewed.reader.list(PROJECT, SecretQuery(label_selector="app=demo"))

        assert [row.metadata.name for row in found.page.items] == [REF.name]
        assert found.rules is SEEING
        assert viewed.secrets.calls == ["list", "list for viewer"]
        assert viewed.secrets.selectors == ["app=demo"]

    async def test_a_detail_is_made_for_who_only_sees(self, viewed: House) -> None:
        detail = await viewed.reader.detail(REF)

        assert (detail.secret.key_count, detail.facts, detail.allowed_actions) == (2, None, ("view",))
        assert viewed.secrets.calls == ["get", "look for viewer"]

    async def test_what_is_not_there_is_not_found_by_who_only_sees(self, viewed: House) -> None:
        viewed.secrets.secrets.clear()

        with pytest.raises(SecretNotFoundError):
            await viewed.reader.detail(REF)

    async def test_who_may_read_reads(self, viewed: House) -> None:
        viewed.secrets.forbidden = set()

        await viewed.reader.list(PROJECT, SecretQuery())
        await viewed.reader.detail(REF)

        assert viewed.secrets.calls == ["list", "get"]

    async def test_neither_values_nor_keys_are_shown(self, viewed: House) -> None:
        for reading in (
            viewed.reader.manifest(REF, reveal=False),
            viewed.reader.manifest(REF, reveal=True),
            viewed.reader.reveal(REF, [], raw=False),
            viewed.reader.reveal_key(REF, "password"),
        ):
            with pytest.raises(ForbiddenError):
                await reading

        assert set(viewed.secrets.calls) == {"get"}
        assert viewed.recorder.lines == []

    async def test_who_may_list_or_read_by_name_does_not_see_the_rest(self, viewed: House) -> None:
        seen = rules_on(METADATA, "list", REF.name)
        for rules in (on_secrets("list"), rules_on("secrets", "get", "another"), rules_on("secrets", "list", REF.name)):
            viewed.reviews.rules_in[PROJECT.name] = rules
            viewed.tenancy.rights.forget(viewed.caller)
            for reading in (viewed.reader.list(PROJECT, SecretQuery()), viewed.reader.detail(REF)):
                with pytest.raises(ForbiddenError):
                    await reading

        viewed.reviews.rules_in[PROJECT.name] = seen
        viewed.tenancy.rights.forget(viewed.caller)
        with pytest.raises(ForbiddenError):
            await viewed.reader.list(PROJECT, SecretQuery())
        assert (await viewed.reader.detail(REF)).secret.metadata.name == REF.name

    async def test_where_the_services_own_user_is_not_bound_it_is_as_if_nothing_were_seen(self, viewed: House) -> None:
        viewed.secrets.forbidden.add("for viewers")

        for reading in (viewed.reader.list(PROJECT, SecretQuery()), viewed.reader.detail(REF)):
            with pytest.raises(ForbiddenError):
                await reading

    async def test_who_sees_nothing_is_told_that_the_project_is_not_there(self, viewed: House) -> None:
        viewed.blind()

        for reading in (viewed.reader.list(PROJECT, SecretQuery()), viewed.reader.detail(REF)):
            with pytest.raises(ProjectNotFoundError):
                await reading
        assert set(viewed.secrets.calls) == {"list", "get"}


def rules_on(resource: str, verb: str, name: str) -> Rules:
    """One verb on the object of one name."""
    return Rules((Rule(frozenset({verb}), frozenset({""}), frozenset({resource}), frozenset({name})),))


class TestDetail:
    async def test_a_detail_tells_what_the_caller_may_do(self, house: House) -> None:
        house.secrets.put(stored(PAIR, BASIC))
        house.reviews.rules_in[PROJECT.name] = on_secrets("get", "delete")

        detail = await house.reader.detail(REF)

        assert detail.allowed_actions == ("view", "reveal", "delete")
        assert detail.facts is not None
        assert [key.name for key in detail.facts.keys] == ["password", "username"]

    async def test_a_detail_is_no_reveal(self, house: House) -> None:
        house.secrets.put(stored(PAIR))

        await house.reader.detail(REF)
        await house.reader.manifest(REF, reveal=False)

        assert house.recorder.lines == []

    async def test_what_is_not_there_is_not_found(self, house: House) -> None:
        with pytest.raises(SecretNotFoundError):
            await house.reader.detail(REF)

    async def test_a_project_of_another_workspace_is_not_there(self, house: House) -> None:
        house.secrets.put(stored(PAIR))

        with pytest.raises(ProjectNotFoundError):
            await house.reader.list(ProjectRef("other-workspace", PROJECT.name), SecretQuery())
        assert house.secrets.calls == []


class TestReveal:
    async def test_values_are_shown_in_the_words_of_their_kind(self, house: House) -> None:
        house.secrets.put(stored(PAIR, BASIC))

        revealed = await house.reader.reveal(REF, [], raw=False)

        assert revealed == Revealed(AccountPasswordContent(b"u", b"p", {}), version())

    async def test_values_are_shown_raw_where_that_is_asked(self, house: House) -> None:
        house.secrets.put(stored(PAIR, BASIC))

        assert (await house.reader.reveal(REF, [], raw=True)).content == RawContent(BASIC, PAIR)

    async def test_some_keys_are_shown_raw_and_recorded_alone(self, house: House) -> None:
        house.secrets.put(stored(PAIR, BASIC))

        revealed = await house.reader.reveal(REF, ["password"], raw=False)

        assert revealed.content == RawContent(BASIC, {"password": b"p"})
        assert [line["keys"] for line in house.recorder.lines] == [["password"]]

    async def test_one_key_is_shown_as_bytes(self, house: House) -> None:
        house.secrets.put(stored(PAIR))

        assert await house.reader.reveal_key(REF, "password") == (b"p", version())
        assert [line["keys"] for line in house.recorder.lines] == [["password"]]

    async def test_a_manifest_that_reveals_leaves_a_line(self, house: House) -> None:
        house.secrets.put(stored(PAIR))

        manifest, shown = await house.reader.manifest(REF, reveal=True)

        assert (manifest.data, shown) == (PAIR, version())
        assert [line["keys"] for line in house.recorder.lines] == [["password", "username"]]

    async def test_an_export_leaves_a_line_of_all_keys(self, house: House) -> None:
        house.secrets.put(stored(PAIR))

        exported = await house.reader.export(REF, ExportFormat.ENV)

        assert (exported.data, exported.metadata.version) == (PAIR, version())
        assert [line["keys"] for line in house.recorder.lines] == [["password", "username"]]

    async def test_an_export_that_the_form_cannot_hold_leaves_no_line(self, house: House) -> None:
        house.secrets.put(stored({"tls.crt": b"x"}))

        with pytest.raises(NotExportableError) as raised:
            await house.reader.export(REF, ExportFormat.ENV)

        assert raised.value.violations == (Violation("/data/tls.crt", Fault.NOT_ENV_NAME),)
        assert house.recorder.lines == []

    async def test_a_reveal_leaves_a_line_that_tells_who_saw_what_and_no_value(self, house: House) -> None:
        house.secrets.put(stored({"b": canary("reveal").encode(), "a": b""}))

        await house.reader.reveal(REF, [], raw=False)

        assert house.recorder.lines == [
            {
                "user": "secretspace:alice",
                "workspace": "demo-workspace",
                "project": "demo-project",
                "secret": "demo",
                "keys": ["a", "b"],
                "request_id": "request-1",
            }
        ]

    async def test_nothing_is_shown_where_the_line_cannot_be_written(self, house: House) -> None:
        house.secrets.put(stored(PAIR))
        house.recorder.full = True

        for reveal in (
            house.reader.reveal(REF, [], raw=False),
            house.reader.reveal_key(REF, "password"),
            house.reader.manifest(REF, reveal=True),
            house.reader.export(REF, ExportFormat.JSON),
        ):
            with pytest.raises(AuditUnavailableError):
                await reveal

    async def test_the_line_is_written_while_the_reveal_still_holds_its_place(self, house: House) -> None:
        house.secrets.put(stored(PAIR))
        house.gate = RevealGate(1, 1, 0.001)
        places: list[bool] = []

        async def record(**line: object) -> None:
            places.append(house.gate._has_place(house.caller.username))

        house.recorder.record = record  # type: ignore[method-assign]
        await house.reader.reveal(REF, [], raw=False)

        assert places == [False]
        assert house.gate._has_place(house.caller.username)

    @pytest.mark.parametrize(
        ("keys", "error"),
        [(["absent"], KeyNotFoundError), (["password", "absent"], KeyNotFoundError)],
        ids=["one", "two"],
    )
    async def test_a_key_that_is_not_there_reveals_nothing(
        self, house: House, keys: list[str], error: type[AppError]
    ) -> None:
        house.secrets.put(stored(PAIR))

        with pytest.raises(error):
            await house.reader.reveal(REF, keys, raw=False)
        assert house.recorder.lines == []

    async def test_a_secret_that_may_not_be_read_reveals_nothing(self, house: House) -> None:
        house.secrets.put(stored(PAIR))
        house.secrets.forbidden = {"get"}

        with pytest.raises(ForbiddenError):
            await house.reader.reveal(REF, [], raw=False)
        house.reviews.rules_in[PROJECT.name] = Rules()
        with pytest.raises(ForbiddenError):  # the rules are remembered for a while
            await house.reader.reveal(REF, [], raw=False)
        assert house.recorder.lines == []

    async def test_a_reveal_waits_for_a_place_and_then_is_refused(self, house: House) -> None:
        house.secrets.put(stored(PAIR))
        house.gate = RevealGate(8, 1, 0.01)

        async with house.gate.passing(house.caller.username):
            with pytest.raises(TooManyRequestsError):
                await house.reader.reveal(REF, [], raw=False)
        assert house.secrets.calls == []

        await asyncio.gather(house.reader.reveal(REF, [], raw=False))
        assert len(house.recorder.lines) == 1

    async def test_an_empty_secret_reveals_nothing_and_leaves_a_line(self, house: House) -> None:
        house.secrets.put(stored({}))

        assert (await house.reader.reveal(REF, [], raw=False)).content == DefaultContent({})
        assert [line["keys"] for line in house.recorder.lines] == [[]]
