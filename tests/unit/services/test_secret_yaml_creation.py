"""Secrets made of documents: by the rules of an edit of an empty one, and each by itself."""

from dataclasses import replace

import pytest

from app.domain.detail import Created
from app.domain.errors import AlreadyExistsError, AppError, ForbiddenError, InvalidError, ProjectNotFoundError
from app.domain.fault import Fault, Violation
from app.domain.manifest import Document, Masked, SecretManifest
from app.domain.name import CREATOR, SERVICE_ACCOUNT_NAME
from app.services.secret_yaml_creation import ManifestCreator
from tests.unit.sample import EVERY_BYTE, PROJECT, REF, stored
from tests.unit.services.in_memory import House

TOKEN = "kubernetes.io/service-account-token"


@pytest.fixture
def house() -> House:
    return House()


def document(name: str = "new", known_as: str | None = None, **fields: object) -> Document:
    manifest = replace(SecretManifest(name), **fields)  # type: ignore[arg-type]  # the fields are the test's
    return Document(1, name if known_as is None else known_as, manifest)


async def made(house: House, *documents: Document, dry_run: bool = False) -> list[Created | AppError]:
    return await ManifestCreator(house.writer).create(PROJECT, documents, dry_run=dry_run)


async def refused(house: House, wrong: Document) -> dict[str, Fault]:
    (outcome,) = await made(house, wrong)
    assert isinstance(outcome, InvalidError)
    assert house.secrets.secrets == {}
    return {each.pointer: each.fault for each in outcome.violations}


async def test_a_secret_is_made_of_all_that_a_document_says(house: House) -> None:
    said = document(
        type="example.com/x",
        labels={"app": "demo"},
        annotations={"kubesphere.io/alias-name": "Demo", "last-applied": "{}"},
        data={"a": EVERY_BYTE, "b": b""},
        immutable=True,
    )

    (created,) = await made(house, said)

    new = house.secrets.secrets["new"]
    assert (new.type, new.data, new.immutable) == ("example.com/x", {"a": EVERY_BYTE, "b": b""}, True)
    assert new.metadata.labels == {"app": "demo"}
    assert new.metadata.annotations == {"kubesphere.io/alias-name": "Demo", CREATOR: house.caller.username}
    assert isinstance(created, Created)
    assert [each.code for each in created.warnings] == ["HIDDEN_ANNOTATION", "CANNOT_BE_UNDONE", "EMPTY_VALUE"]


@pytest.mark.parametrize("said", [None, ""])
async def test_a_type_that_is_left_out_is_opaque(house: House, said: str | None) -> None:
    await made(house, document(type=said))

    assert house.secrets.secrets["new"].type == "Opaque"


async def test_what_fails_stops_no_other(house: House) -> None:
    house.secrets.put(stored({"a": b"1"}))
    unread = Document(1, "unread", InvalidError([Violation("/data", Fault.WRONG_TYPE)]))

    outcomes = await made(house, unread, document("one"), document(REF.name), document("two"))

    assert [type(outcome) for outcome in outcomes] == [InvalidError, Created, AlreadyExistsError, Created]
    assert {*house.secrets.secrets} == {REF.name, "one", "two"}


async def test_of_two_of_one_name_the_second_is_refused_also_in_a_dry_run(house: House) -> None:
    first, second = await made(house, document(), document(), dry_run=True)

    assert isinstance(first, Created)
    assert isinstance(second, InvalidError)
    assert [each.fault for each in second.violations] == [Fault.SECRET_NAMED_TWICE]
    assert house.secrets.secrets == {}


async def test_names_that_are_none_are_not_the_same(house: House) -> None:
    outcomes = await made(house, document("No", ""), document("No", ""))

    found = [[each.fault for each in outcome.violations] for outcome in outcomes if isinstance(outcome, InvalidError)]
    assert found == [[Fault.NAME_INVALID], [Fault.NAME_INVALID]]


async def test_all_that_is_wrong_with_a_document_is_told_at_once(house: House) -> None:
    wrong = document(
        "No",
        namespace="elsewhere",
        type=" x",
        labels={"app": "-"},
        annotations={SERVICE_ACCOUNT_NAME: "robot"},
        data={"bad key": b"", "masked": Masked(3)},
    )

    assert await refused(house, wrong) == {
        "/metadata/name": Fault.NAME_INVALID,
        "/metadata/namespace": Fault.PROJECT_MISMATCH,
        "/type": Fault.TYPE_INVALID,
        "/metadata/labels/app": Fault.LABEL_VALUE_INVALID,
        "/metadata/annotations/kubernetes.io~1service-account.name": Fault.RESERVED_ANNOTATION,
        "/data/bad key": Fault.KEY_INVALID,
        "/data/masked": Fault.MASK_NOT_ALLOWED,
    }


async def test_the_rules_of_the_type_and_the_limit_of_keys_hold(house: House) -> None:
    many = {f"key-{number}": b"" for number in range(house.policy.max_keys + 1)}

    assert await refused(house, document(data=many)) == {"/data": Fault.TOO_MANY_KEYS}
    assert await refused(house, document(type="kubernetes.io/tls", data={"tls.crt": b""})) == {
        "/data/tls.key": Fault.DATA_REQUIRED_BY_TYPE
    }


async def test_tokens_are_made_only_where_that_is_switched_on(house: House) -> None:
    token = document(type=TOKEN, annotations={SERVICE_ACCOUNT_NAME: "robot"})

    assert await refused(house, token) == {"/type": Fault.KIND_DISABLED}
    house.policy = replace(house.policy, allow_service_account_tokens=True)
    await made(house, token)

    assert house.secrets.secrets["new"].metadata.annotations[SERVICE_ACCOUNT_NAME] == "robot"


@pytest.mark.parametrize(("creator", "codes"), [("secretspace:bob", ["CREATOR_IGNORED"]), ("secretspace:alice", [])])
async def test_the_creator_is_who_creates(house: House, creator: str, codes: list[str]) -> None:
    (created,) = await made(house, document(annotations={CREATOR: creator}))

    assert isinstance(created, Created)
    assert [each.code for each in created.warnings] == codes
    assert house.secrets.secrets["new"].metadata.creator == house.caller.username


async def test_what_the_cluster_has_against_one_is_at_its_place_in_the_document(house: House) -> None:
    house.secrets.refusal = InvalidError([Violation("/content", Fault.REFUSED)])

    assert await refused(house, document()) == {"/data": Fault.REFUSED}


async def test_who_may_not_create_is_told_so_of_each(house: House) -> None:
    house.secrets.forbidden = {"create"}

    assert [type(outcome) for outcome in await made(house, document("a"), document("b"))] == [ForbiddenError] * 2


async def test_a_project_that_is_not_to_be_seen_is_not_there_for_all_of_them(house: House) -> None:
    house.blind()

    with pytest.raises(ProjectNotFoundError):
        await made(house, document())
    assert house.secrets.calls == []
