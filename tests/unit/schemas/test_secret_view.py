import json
from dataclasses import replace
from typing import Any

from app.domain.access import METADATA, Action, Rule, Rules
from app.domain.change import Warning, Written
from app.domain.content import DefaultContent
from app.domain.detail import Created, Deleted, Revealed, SecretDetail
from app.domain.diff import Fate, MapDiff, SecretDiff
from app.domain.listing import SecretQuery, secret_page
from app.domain.name import ALIAS, CREATOR, DESCRIPTION
from app.domain.secret import Owner, StoredSecret
from app.schemas.base import WireModel
from app.schemas.secret_view import (
    SecretCreated,
    SecretData,
    SecretDeleted,
    SecretList,
    SecretSummary,
    SecretView,
    SecretWritten,
)
from tests.support.canary import canary
from tests.unit.domain.certificate import CHAIN, KEY
from tests.unit.sample import NOW, PROJECT, row, stored, version

READER = Rules((Rule(frozenset({"get"}), frozenset({""}), frozenset({"secrets"})),))
OWN = {ALIAS: "Demo", DESCRIPTION: "first", CREATOR: "secretspace:alice"}
WARNING = Warning("/a", "CODE", "Words.")
DIFF = SecretDiff(
    data=MapDiff(added=("a",), same=("b",)),
    labels=MapDiff(changed=("app",)),
    annotations=MapDiff(removed=("note",)),
    alias=Fate.SAME,
    description=Fate.REMOVED,
    immutable=Fate.ADDED,
)
CHANGES = {
    "data": {"added": ["a"], "changed": [], "removed": [], "same": ["b"]},
    "labels": {"added": [], "changed": ["app"], "removed": [], "same": []},
    "annotations": {"added": [], "changed": [], "removed": ["note"], "same": []},
    "alias": "same",
    "description": "removed",
    "immutable": "added",
}


def document(view: WireModel) -> Any:
    return json.loads(view.model_dump_json())


def detail(secret: StoredSecret, rules: Rules = READER) -> SecretDetail:
    return SecretDetail.of(secret, rules, NOW)


def viewed(secret: StoredSecret, rules: Rules = READER) -> Any:
    return document(SecretView.of(detail(secret, rules), PROJECT))


def test_a_row_tells_who_keeps_it() -> None:
    found = row("demo", owner=Owner("bitnami.com", "SealedSecret", "demo"))

    assert document(SecretSummary.from_domain(found, PROJECT, ()))["managedBy"] == {
        "controller": "sealed-secrets",
        "source": "SealedSecret demo",
        "editAt": "Seal the new values, and change the SealedSecret demo.",
        "reverts": "yes",
    }


def test_a_row_is_a_summary_without_values() -> None:
    found = row("demo", "kubernetes.io/tls", 2, annotations=OWN | {"note": "x"}, labels={"app": "demo"})

    assert document(SecretSummary.from_domain(found, PROJECT, (Action.VIEW, Action.DELETE))) == {
        "name": "demo",
        "workspace": "demo-workspace",
        "project": "demo-project",
        "kind": "tls",
        "type": "kubernetes.io/tls",
        "alias": "Demo",
        "description": "first",
        "creator": "secretspace:alice",
        "createdAt": "2026-11-24T12:00:00Z",
        "labels": {"app": "demo"},
        "keyCount": 2,
        "managedBy": None,
        "etag": version().etag,
        "allowedActions": ["view", "delete"],
    }


def test_a_page_counts_what_is_on_all_pages_and_what_it_hides() -> None:
    rows = [row("a"), row("b"), row("c", "helm.sh/release.v1")]

    page = document(SecretList.from_domain(secret_page(rows, SecretQuery(page=2, limit=1), READER), PROJECT))

    assert [(item["name"], item["allowedActions"]) for item in page.pop("items")] == [("b", ["view", "reveal"])]
    assert page == {"total": 2, "page": 2, "limit": 1, "hiddenHelmReleases": 1}


def test_a_detail_tells_keys_and_actions() -> None:
    secret = stored({"b": b"\xff", "a": b"admin"}, annotations=OWN | {"note": "x"}, immutable=True)

    view = viewed(secret)

    assert view["keys"] == [{"name": "a", "size": 5, "binary": False}, {"name": "b", "size": 1, "binary": True}]
    assert view["keyCount"] == 2
    assert view["annotations"] == OWN | {"note": "x"}
    assert (view["immutable"], view["deletionPending"], view["valuesVisible"]) == (True, False, True)
    assert view["allowedActions"] == ["view", "reveal"]
    assert (view["tls"], view["registries"]) == (None, None)
    assert view["etag"] == version().etag


def test_who_may_not_reveal_is_told_so() -> None:
    view = viewed(stored({}, deletion_pending=True), Rules())

    assert (view["valuesVisible"], view["allowedActions"], view["deletionPending"]) == (False, [], True)


def test_who_may_see_and_not_read_is_told_how_many_keys_there_are_and_not_which() -> None:
    seeing = Rules((Rule(frozenset({"list"}), frozenset({""}), frozenset({METADATA})),))
    found = row(secret_type="kubernetes.io/tls", key_count=2, annotations=OWN | {"note": "x"})

    view = document(SecretView.of(SecretDetail.unread(found, seeing), PROJECT))

    assert view == document(SecretSummary.from_domain(found, PROJECT, [Action.VIEW])) | {
        "annotations": OWN,
        "immutable": None,
        "deletionPending": False,
        "keys": None,
        "valuesVisible": False,
        "tls": None,
        "registries": None,
    }


def test_a_tls_secret_tells_of_its_chain() -> None:
    tls = viewed(stored({"tls.crt": CHAIN, "tls.key": KEY}, "kubernetes.io/tls"))["tls"]

    assert (tls["pairMatches"], tls["chainOk"], tls["state"]) == (True, True, "valid")
    assert [each["subject"] for each in tls["chain"]] == ["CN=leaf", "CN=root"]
    assert tls["leaf"] == tls["chain"][0]
    assert set(tls["leaf"]) == {
        "subject",
        "issuer",
        "serialNumber",
        "subjectAlternativeNames",
        "notBefore",
        "notAfter",
        "sha256Fingerprint",
        "keyType",
    }


def test_a_registry_is_told_without_its_password() -> None:
    password = canary("registry")
    file = json.dumps({"auths": {"a.example": {"username": "u", "password": password}}}).encode()

    view = viewed(stored({".dockerconfigjson": file}, "kubernetes.io/dockerconfigjson"))

    assert view["registries"] == [{"server": "a.example", "username": "u", "email": None}]
    assert password not in json.dumps(view)


def test_what_was_created_is_a_detail_with_warnings() -> None:
    secret = stored({"a": b"x"})

    view = document(SecretCreated.from_outcome(Created(detail(secret), DIFF, (WARNING,)), PROJECT))

    assert view.pop("warnings") == [{"pointer": "/a", "code": "CODE", "message": "Words.", "severity": "info"}]
    assert view.pop("changes") == CHANGES
    assert view == viewed(secret)


def test_what_would_have_been_created_has_no_etag() -> None:
    secret = stored({"a": b"x"}, version=replace(version(), resource_version=""))

    assert viewed(secret)["etag"] == ""


def test_a_write_tells_both_versions_and_the_keys() -> None:
    written = Written(version(8), version(7), ("a", "b"), (WARNING,), DIFF)

    assert document(SecretWritten.from_domain(written)) == {
        "etag": version(8).etag,
        "previousEtag": version(7).etag,
        "changedKeys": ["a", "b"],
        "changes": CHANGES,
        "warnings": [{"pointer": "/a", "code": "CODE", "message": "Words.", "severity": "info"}],
    }


def test_a_write_leaves_open_what_nobody_looked_at() -> None:
    told = document(SecretWritten.from_domain(Written(version(8), None)))

    assert (told["previousEtag"], told["changes"]) == (None, None)


def test_a_dry_run_has_no_version() -> None:
    assert document(SecretWritten.from_domain(Written(None, version(7))))["etag"] == ""


def test_a_delete_tells_whether_the_secret_is_still_held() -> None:
    assert document(SecretDeleted.from_domain(Deleted(version(), pending=True))) == {
        "previousEtag": version().etag,
        "deletionPending": True,
        "changes": None,
        "warnings": [],
    }
    tried = document(SecretDeleted.from_domain(Deleted(None, pending=False, diff=DIFF)))
    assert (tried["previousEtag"], tried["changes"]) == (None, CHANGES)


def test_a_reveal_tells_the_values_and_their_version() -> None:
    view = document(SecretData.from_domain(Revealed(DefaultContent({"a": b"x"}), version())))

    assert view == {"content": {"kind": "default", "data": {"a": {"text": "x"}}}, "etag": version().etag}


def test_no_view_but_a_reveal_holds_a_value() -> None:
    text = canary("view")
    whole = detail(stored({"a": text.encode()}, annotations={"copy": text}), Rules())
    views = [SecretView.of(whole, PROJECT), SecretCreated.from_outcome(Created(whole, DIFF), PROJECT)]

    assert text not in f"{views!r} {[document(view) for view in views]}"
    assert text not in repr(SecretData.from_domain(Revealed(DefaultContent({"a": text.encode()}), version())))


def test_every_action_can_be_told() -> None:
    everything = Rules((Rule(frozenset("*"), frozenset("*"), frozenset("*")),))

    told = set(viewed(stored({}), everything)["allowedActions"])

    assert told == set(Action) - {Action.LIST, Action.CREATE}
