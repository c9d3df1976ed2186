import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.version import Version
from tests.unit.sample import OTHER_UID, UID, version

uids = st.uuids().map(str)
resource_versions = st.integers(1, 2**64 - 1).map(str)


def tag(raw: bytes) -> str:
    return '"' + base64.urlsafe_b64encode(raw).decode().rstrip("=") + '"'


@given(uids, resource_versions)
def test_a_version_survives_its_way_through_an_etag(uid: str, resource_version: str) -> None:
    made = Version(uid, resource_version)

    assert Version.from_etag(made.etag) == made


@given(uids, resource_versions)
def test_the_mark_of_a_compressing_proxy_is_tolerated(uid: str, resource_version: str) -> None:
    made = Version(uid, resource_version)

    assert Version.from_etag(f"  W/{made.etag} ") == made


def test_an_etag_is_strong_and_of_characters_that_any_header_may_hold() -> None:
    assert version().etag == tag(f"{UID}:7".encode())
    assert version().etag.strip('"').isascii()
    assert version().etag.strip('"').replace("-", "a").replace("_", "a").isalnum()


def test_a_secret_that_was_made_again_has_another_etag() -> None:
    assert version(7).etag != version(7, OTHER_UID).etag
    assert version(7).etag != version(8).etag


@pytest.mark.parametrize(
    "resource_version", ["", "0", "00", "07", "+7", " 7", "7 ", "7:7", "-7", "abc", "\u0667", "1" * 21]
)
def test_a_resource_version_that_would_write_unconditionally_or_break_matches_nothing(resource_version: str) -> None:
    assert Version.from_etag(tag(f"{UID}:{resource_version}".encode())) is None


@pytest.mark.parametrize("uid", ["", "uid", UID.upper(), UID + "0", UID.replace("-", ""), "../" + UID[3:]])
def test_what_is_no_uid_matches_nothing(uid: str) -> None:
    assert Version.from_etag(tag(f"{uid}:7".encode())) is None


@pytest.mark.parametrize(
    "etag",
    [
        "",
        "*",
        '""',
        '"*"',
        version().etag.strip('"'),
        version().etag + "x",
        "w/" + version().etag,
        version().etag.replace('"', "'"),
        version().etag + ", " + version().etag,
        f'"{base64.b64encode(f"{UID}:7".encode()).decode()}="',
        '"é"',
        '"' + "A" * 201 + '"',
        tag(b"\xff" * 40),
        tag(UID.encode()),
    ],
)
def test_a_tag_that_is_none_of_ours_matches_nothing(etag: str) -> None:
    assert Version.from_etag(etag) is None


@given(st.text(max_size=80) | st.from_regex(r'"[A-Za-z0-9_-]{50,60}"', fullmatch=True))
def test_whatever_is_read_as_a_version_is_the_very_tag_of_it(text: str) -> None:
    found = Version.from_etag(text)

    assert found is None or found.etag == text.strip().removeprefix("W/")


@pytest.mark.parametrize("resource_version", range(1, 200))
def test_no_other_spelling_of_a_tag_is_taken_for_it(resource_version: int) -> None:
    token = version(resource_version).etag.strip('"')
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    others = [f'"{token[:-1]}{letter}"' for letter in alphabet if letter != token[-1]]

    assert version(resource_version) not in [Version.from_etag(other) for other in others]


@pytest.mark.parametrize(
    ("earlier", "later", "precedes"),
    [
        (version(9), version(10), True),
        (version(10), version(9), False),
        (version(9), version(9), False),
        (version(9), version(10, OTHER_UID), False),
    ],
)
def test_a_version_precedes_later_ones_of_the_same_secret(earlier: Version, later: Version, precedes: bool) -> None:
    assert earlier.precedes(later) is precedes
