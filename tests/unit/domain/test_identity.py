import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.identity import (
    MAX_GROUPS,
    Identity,
    Impersonation,
    InvalidIdentityError,
    OwnToken,
    Source,
    check_identity_name,
    check_prefix,
)

characters = st.characters(codec=None)
BROKEN = [
    ("", "1 to 253 characters"),
    ("x" * 254, "1 to 253 characters"),
    (" admin", "blank at the edge"),
    ("admin\u00a0", "blank at the edge"),
    ("admin\n", "blank at the edge"),
    ("a\r\nImpersonate-User: root", "control character"),
    ("a\x00b", "control character"),
    ("a\x7fb", "control character"),
    ("a\x85b", "control character"),
    ("\ud800", "not UTF-8"),
    ("zoe\u0308", "not NFC"),
]


@pytest.mark.parametrize("name", ["a", "x" * 253, "zoë-日本", "https://issuer.example#a:b/c", "two words", 'q"uo\\te'])
def test_names_that_a_header_carries_as_they_are_are_taken(name: str) -> None:
    check_identity_name(name)

    assert Identity(name, (name,)).username == name


@pytest.mark.parametrize(("name", "rule"), BROKEN, ids=range(len(BROKEN)))
def test_names_that_a_header_could_bend_are_refused_as_user_and_as_group(name: str, rule: str) -> None:
    with pytest.raises(InvalidIdentityError) as as_user:
        Identity(name)
    with pytest.raises(InvalidIdentityError) as as_group:
        Identity("alice", ("good", name))

    assert as_user.value.rule == as_group.value.rule == rule
    assert as_user.value.args == (rule,)


@given(st.text(characters, max_size=260))
def test_a_name_that_is_taken_comes_through_a_header_unchanged(name: str) -> None:
    try:
        check_identity_name(name)
    except InvalidIdentityError:
        return

    assert name.encode().strip(b" \t").decode() == name
    assert not any(unicodedata.category(character) == "Cc" for character in name)
    assert unicodedata.normalize("NFC", name) == name
    assert 1 <= len(name) <= 253


@pytest.mark.parametrize("name", ["system:masters", "system:serviceaccount:a:b", "system:"])
def test_a_name_of_the_clusters_own_is_never_impersonated(name: str) -> None:
    with pytest.raises(InvalidIdentityError):
        Identity(name)
    with pytest.raises(InvalidIdentityError):
        Identity("alice", ("good", name), credential=Impersonation())

    carried = Identity(name, (name,), Source.KUBERNETES, OwnToken("t"))
    assert carried.username == name


def test_too_many_groups_are_refused_never_cut() -> None:
    groups = tuple(f"g{number}" for number in range(MAX_GROUPS))

    assert Identity("alice", groups).groups == groups
    with pytest.raises(InvalidIdentityError):
        Identity("alice", (*groups, "one more"))


def test_an_identity_does_not_show_its_token() -> None:
    identity = Identity("alice", (), Source.KUBERNETES, OwnToken("canary-token"))

    assert "canary" not in repr(identity)


def test_identities_that_differ_in_anything_are_told_apart() -> None:
    identities = {
        Identity("alice"),
        Identity("alice", ("g",)),
        Identity("alice", source=Source.KUBERNETES),
        Identity("alice", credential=OwnToken("a")),
        Identity("alice", credential=OwnToken("b")),
        Identity("alice", display_name="Alice"),
    }

    assert len(identities) == 6
    assert Identity("alice", ("g",)) in identities


@pytest.mark.parametrize("prefix", ["secretspace:", "a:", "local:people:"])
def test_a_prefix_ends_where_no_account_name_can_go_on(prefix: str) -> None:
    check_prefix(prefix)


@pytest.mark.parametrize("prefix", ["", ":", "secretspace", "system:", "system:x:", "secretspace-system:", "a: "])
def test_a_prefix_that_could_make_someone_else_of_an_account_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix of local accounts"):
        check_prefix(prefix)
