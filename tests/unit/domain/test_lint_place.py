"""Where a remark is shown: at the place in the body that brought the value, whichever the body."""

from typing import Any

import pytest

from app.domain.absent import ABSENT
from app.domain.change import InfoChange, KeyChange, Severity, Warning
from app.domain.content import (
    AccountPasswordContent,
    Content,
    CustomContent,
    DefaultContent,
    RegistryContent,
    SshAuthContent,
    TlsContent,
)
from app.domain.content_write import data_of
from app.domain.docker_config import RegistryEdit
from app.domain.edit import ContentEdit, DraftEdit, Edit, InfoEdit, KeyEdit, ManifestEdit
from app.domain.lint import Lint
from app.domain.lint_place import remarks_on_edit, remarks_on_new
from app.domain.manifest import Masked, SecretManifest
from app.domain.name import Key
from app.domain.new_secret import NewSecretDraft
from app.domain.plan import Plan
from app.domain.secret import MAX_VALUES, SecretRow, StoredSecret
from tests.unit.domain.certificate import CHAIN, KEY, LEAF, ROOT, pem
from tests.unit.sample import NOW, REF, row, stored

LINE = b"hunter2\n"
KEYS = 1024
MARK = ("/immutable", "CANNOT_BE_UNDONE")


def told(warnings: tuple[Warning, ...]) -> list[tuple[str, str]]:
    return [(each.pointer, each.code) for each in warnings]


def of_new(content: Content) -> list[tuple[str, str]]:
    return told(remarks_on_new(content, data_of(content, None, max_keys=KEYS), NOW, immutable=False))


def of_edit(edit: Edit, seen: StoredSecret | SecretRow | None) -> list[tuple[str, str]]:
    unseen = edit.unseen
    plan = Plan.over(seen, edit) if isinstance(seen, StoredSecret) else Plan(unseen)  # type: ignore[arg-type]
    return told(remarks_on_edit(edit, plan, seen, NOW))


def test_a_warning_has_the_words_of_its_remark() -> None:
    (found,) = remarks_on_new(DefaultContent({"a": b""}), {"a": b""}, NOW, immutable=False)

    assert found == Warning("/content/data/a", "EMPTY_VALUE", Lint.EMPTY_VALUE.message, Severity.INFO)


_NEW: dict[str, tuple[Content, list[tuple[str, str]]]] = {
    "a default": (DefaultContent({"a": LINE}), [("/content/data/a", "TRAILING_NEWLINE")]),
    "a custom one": (CustomContent("x/y", {"a.b": b"1"}), [("/content/data/a.b", "KEY_NOT_ENV")]),
    "a pair": (
        TlsContent(pem(ROOT, LEAF), KEY, b"", {"more": LINE}),
        [
            ("/content/caCertificate", "EMPTY_VALUE"),
            ("/content/extra/more", "TRAILING_NEWLINE"),
            ("/content/certificate", "CHAIN_ORDER"),
        ],
    ),
    "an account": (
        AccountPasswordContent(LINE, b""),
        [("/content/password", "EMPTY_VALUE"), ("/content/username", "TRAILING_NEWLINE")],
    ),
    "an SSH key": (
        SshAuthContent(b"key", LINE),
        [("/content/knownHosts", "TRAILING_NEWLINE"), ("/content/privateKey", "SSH_KEY_WITHOUT_NEWLINE")],
    ),
    "registries": (
        RegistryContent((RegistryEdit("a.io", "u", "hunter2"), RegistryEdit("b.io", "u", "changeme"))),
        [("/content/registries/1/password", "REGISTRY_PASSWORD_PLACEHOLDER")],
    ),
    "too much of it": (DefaultContent({"a": b"\x00" * MAX_VALUES}), [("/content", "NEAR_LIMIT")]),
}


@pytest.mark.parametrize(("content", "expected"), _NEW.values(), ids=_NEW)
def test_of_a_content_it_stands_at_the_field(content: Content, expected: list[tuple[str, str]]) -> None:
    assert of_new(content) == expected


def test_a_mark_that_cannot_be_undone_is_told() -> None:
    sealed = told(remarks_on_new(DefaultContent({}), {}, NOW, immutable=True))

    assert sealed == of_edit(InfoEdit(InfoChange(ABSENT, ABSENT, seals=True)), row()) == [MARK]
    assert of_edit(ManifestEdit(SecretManifest(REF.name, immutable=True), frozenset(), KEYS), stored({})) == [MARK]
    assert of_edit(ManifestEdit(SecretManifest(REF.name), frozenset(), KEYS), stored({}, immutable=True)) == []


class TestEdit:
    def test_only_what_changes_is_remarked(self) -> None:
        secret = stored({"old": LINE, "a": b"1"})
        content = DefaultContent({"old": LINE, "a": LINE})
        expected = [("/content/data/a", "TRAILING_NEWLINE")]

        assert of_edit(ContentEdit(content, KEYS), secret) == expected
        assert of_edit(DraftEdit(NewSecretDraft(REF, content), KEYS), secret) == expected

    def test_what_stays_counts_for_what_the_whole_comes_to(self) -> None:
        secret = stored({"tls.crt": CHAIN, "tls.key": KEY}, "kubernetes.io/tls")
        edit = ContentEdit(TlsContent(pem(ROOT, LEAF), KEY), KEYS)

        assert of_edit(edit, secret) == [("/content/certificate", "CHAIN_ORDER")]

    def test_of_a_document_it_stands_where_the_key_stands(self) -> None:
        secret = stored({"a": b"1", "kept": LINE})
        data: dict[str, Any] = {"a": LINE, "b": b"", "kept": Masked(len(LINE))}
        manifest = SecretManifest(REF.name, data=data, positions={"/stringData/b": (7, 3)})

        assert of_edit(ManifestEdit(manifest, frozenset(), KEYS), secret) == [
            ("/data/a", "TRAILING_NEWLINE"),
            ("/stringData/b", "EMPTY_VALUE"),
        ]

    def test_of_a_document_that_is_too_much_all_of_the_data_is_it(self) -> None:
        manifest = SecretManifest(REF.name, data={"a": b"\x00" * MAX_VALUES})

        assert of_edit(ManifestEdit(manifest, frozenset(), KEYS), stored({})) == [("/data", "NEAR_LIMIT")]

    @pytest.mark.parametrize("seen", [None, row(), stored({"old": LINE})], ids=["not seen", "seen", "read"])
    def test_of_single_keys_those_are_judged_that_are_sent(self, seen: StoredSecret | SecretRow | None) -> None:
        change = KeyChange({Key("a"): LINE}, {Key("b"): b""}, frozenset({Key("old")}))

        assert of_edit(KeyEdit(change), seen) == [("/set/a", "TRAILING_NEWLINE"), ("/setIfAbsent/b", "EMPTY_VALUE")]

    def test_single_keys_that_are_too_much_are_so_together(self) -> None:
        assert of_edit(KeyEdit(KeyChange({Key("a"): b"\x00" * MAX_VALUES})), None) == [("", "NEAR_LIMIT")]

    def test_single_keys_are_judged_by_the_type_where_it_is_seen(self) -> None:
        edit = KeyEdit(KeyChange({Key("ssh-privatekey"): b"key"}))

        assert of_edit(edit, row(secret_type="kubernetes.io/ssh-auth")) == [
            ("/set/ssh-privatekey", "SSH_KEY_WITHOUT_NEWLINE")
        ]
        assert of_edit(edit, None) == [("/set/ssh-privatekey", "KEY_NOT_ENV")]

    def test_information_holds_no_values(self) -> None:
        assert of_edit(InfoEdit(InfoChange("Demo", None)), stored({"a": LINE})) == []
