import copy
import pickle
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidFieldError
from app.domain.fault import Fault
from app.domain.name import (
    Key,
    ProjectName,
    SecretName,
    alias_fault,
    description_fault,
    is_subdomain,
    label_value_fault,
    metadata_key_fault,
)

# The patterns of k8s.io/apimachinery/pkg/util/validation, as they stand there.
LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
SUBDOMAIN = LABEL + r"(\." + LABEL + ")*"
CONFIG_MAP_KEY = "[-._a-zA-Z0-9]+"
QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
LABEL_VALUE = f"({QUALIFIED})?"

near_names = st.text(st.sampled_from("aZ0-._/é\n "), max_size=8)
lengths = st.integers(60, 66) | st.integers(250, 256)
texts = st.text(max_size=10) | near_names | st.builds(lambda length: "a" * length, lengths)


def is_valid_label(text: str) -> bool:
    return len(text) <= 63 and re.fullmatch(LABEL, text) is not None


def is_valid_subdomain(text: str) -> bool:
    return len(text) <= 253 and re.fullmatch(SUBDOMAIN, text) is not None


def is_config_map_key(text: str) -> bool:
    """`IsConfigMapKey`, which rules the keys of Secrets too."""
    return (
        len(text) <= 253
        and re.fullmatch(CONFIG_MAP_KEY, text) is not None
        and text not in (".", "..")
        and not text.startswith("..")
    )


def is_qualified_name(text: str) -> bool:
    """`IsQualifiedName`."""
    parts = text.split("/")
    prefix, name = (parts[0], parts[1]) if len(parts) == 2 else ("a", parts[0])
    return (
        len(parts) <= 2 and is_valid_subdomain(prefix) and len(name) <= 63 and re.fullmatch(QUALIFIED, name) is not None
    )


@given(texts)
def test_the_name_of_a_secret_is_what_kubernetes_takes_for_a_subdomain(text: str) -> None:
    assert is_subdomain(text) == is_valid_subdomain(text)
    assert SecretName.fault(text) is (None if is_valid_subdomain(text) else Fault.NAME_INVALID)


@given(texts)
def test_the_name_of_a_project_is_what_kubernetes_takes_for_a_label(text: str) -> None:
    assert ProjectName.fault(text) is (None if is_valid_label(text) else Fault.LABEL_NAME_INVALID)


@given(texts)
def test_a_key_is_what_kubernetes_takes_for_one(text: str) -> None:
    assert Key.fault(text) is (None if is_config_map_key(text) else Fault.KEY_INVALID)


@given(texts | st.tuples(texts, texts).map("/".join))
def test_the_key_of_a_label_is_what_kubernetes_takes_for_a_qualified_name(text: str) -> None:
    assert metadata_key_fault(text) is (None if is_qualified_name(text) else Fault.LABEL_KEY_INVALID)


@given(texts)
def test_the_value_of_a_label_is_what_kubernetes_takes_for_one(text: str) -> None:
    good = len(text) <= 63 and re.fullmatch(LABEL_VALUE, text) is not None

    assert label_value_fault(text) is (None if good else Fault.LABEL_VALUE_INVALID)


@pytest.mark.parametrize("text", ["a", "0", "demo-secret", "a.b-c.d", "watch", "a" * 253])
def test_good_names_of_secrets(text: str) -> None:
    assert SecretName(text) == text


@pytest.mark.parametrize("text", ["", "A", "-a", "a-", ".a", "a.", "a..b", "a_b", "a/b", "a\n", "ä", "a" * 254, ".."])
def test_bad_names_of_secrets(text: str) -> None:
    with pytest.raises(InvalidFieldError):
        SecretName(text)


@pytest.mark.parametrize("text", ["a", "A_b-C.d", ".a", ".dockerconfigjson", "-", "_", "a..", "a" * 253])
def test_good_keys(text: str) -> None:
    assert Key(text) == text


@pytest.mark.parametrize("text", ["", ".", "..", "..a", "...", "a b", "a/b", "ä", "a\n", "a" * 254])
def test_bad_keys(text: str) -> None:
    with pytest.raises(InvalidFieldError):
        Key(text)


@pytest.mark.parametrize("kind", [SecretName, ProjectName, Key])
def test_a_refused_name_is_not_repeated(kind: type[SecretName | ProjectName | Key]) -> None:
    with pytest.raises(InvalidFieldError) as caught:
        kind("hunter 2")

    assert "hunter" not in f"{caught.value} {caught.value!r} {caught.value.args} {caught.value.violations}"


def test_a_name_is_a_text_wherever_one_is_asked_for() -> None:
    name = SecretName("demo")

    assert (name, hash(name), f"{name}!") == ("demo", hash("demo"), "demo!")
    assert copy.deepcopy(name) == pickle.loads(pickle.dumps(name)) == name


@pytest.mark.parametrize(
    ("rule", "limit", "too_long"),
    [(alias_fault, 63, Fault.ALIAS_TOO_LONG), (description_fault, 256, Fault.DESCRIPTION_TOO_LONG)],
    ids=["alias", "description"],
)
def test_alias_and_description_have_a_length_and_no_control_characters(
    rule: Callable[[str], Fault | None], limit: int, too_long: Fault
) -> None:
    assert rule("") is None
    assert rule("é" * limit) is None
    assert rule("two lines\n\tof text\r\n") is None
    assert rule("x" * (limit + 1)) is too_long
    assert rule("bell\x07") is rule("\x00") is rule("\x7f") is rule("\x1b[31m") is Fault.CONTROL_CHARACTER
