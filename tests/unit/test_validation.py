from collections.abc import Mapping
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError, core_schema

from app.domain.fault import Fault, Violation
from app.schemas.secret_input import SecretCreate, SecretDataPatch, SecretDataReplace, SecretInfoPatch, SecretUpsert
from app.validation import violations_of
from tests.support.canary import MARK, canary


def found(model: type[BaseModel], document: Any) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(document)
    errors = [{**error, "loc": ("body", *error["loc"])} for error in caught.value.errors()]
    return [(violation.pointer, violation.fault.code) for violation in violations_of(errors)]


def refused(model: type[BaseModel], document: Any) -> list[Violation]:
    try:
        model.model_validate(document)
    except ValidationError as error:
        return violations_of(error.errors())
    return []


def fault(kind: str, **more: Any) -> Fault:
    (violation,) = violations_of([{"type": kind, "loc": ("body", "field"), **more}])
    return violation.fault


def secret(**fields: Any) -> dict[str, Any]:
    return {"name": "a", "content": {"kind": "default", "data": {}}} | fields


def content(**fields: Any) -> dict[str, Any]:
    return secret(content=fields)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ([], [("", "WRONG_TYPE")]),
        ({}, [("/name", "REQUIRED"), ("/content", "REQUIRED")]),
        (secret(nmae="b"), [("/nmae", "UNKNOWN_FIELD")]),
        (secret(name=5), [("/name", "WRONG_TYPE")]),
        (secret(name=None), [("/name", "NULL_NOT_ALLOWED")]),
        (secret(name="A B"), [("/name", "NAME_INVALID")]),
        (secret(labels={"a": 5}), [("/labels/a", "WRONG_TYPE")]),
        (secret(labels={"a": None}), [("/labels/a", "NULL_NOT_ALLOWED")]),
    ],
)
def test_a_finding_is_a_code_and_a_place(document: Any, expected: list[tuple[str, str]]) -> None:
    assert found(SecretCreate, document) == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (secret(content=5), [("/content", "WRONG_TYPE")]),
        (content(), [("/content/kind", "REQUIRED")]),
        (content(kind="other"), [("/content/kind", "INVALID_VALUE")]),
        (content(kind="tls", certificate="x"), [("/content/privateKey", "REQUIRED")]),
        (content(kind="default", data={}, default=1), [("/content/default", "UNKNOWN_FIELD")]),
        (content(kind="default", data={"default": 5}), [("/content/data/default", "VALUE_AMBIGUOUS")]),
        (content(kind="default", data={"a": {"text": 5}}), [("/content/data/a/text", "WRONG_TYPE")]),
        (content(kind="default", data={"a": {"base64": "!"}}), [("/content/data/a/base64", "INVALID_BASE64")]),
        (content(kind="default", data={"bad key": "x"}), [("/content/data/bad key", "KEY_INVALID")]),
        (
            content(kind="image-registry", registries=[{"server": 1, "username": "u", "password": "p"}]),
            [("/content/registries/0/server", "WRONG_TYPE")],
        ),
    ],
)
def test_the_tags_of_unions_are_no_places(document: Any, expected: list[tuple[str, str]]) -> None:
    assert found(SecretCreate, document) == expected


def test_all_that_is_wrong_with_a_body_is_told_at_once() -> None:
    document = secret(name="A", alias="x" * 64, content={"kind": "default", "data": {"a b": "x", "c": {}}}, more=1)

    assert sorted(found(SecretCreate, document)) == [
        ("/alias", "ALIAS_TOO_LONG"),
        ("/content/data/a b", "KEY_INVALID"),
        ("/content/data/c", "VALUE_AMBIGUOUS"),
        ("/more", "UNKNOWN_FIELD"),
        ("/name", "NAME_INVALID"),
    ]


def test_in_a_merge_patch_null_removes_and_is_no_fault() -> None:
    assert found(SecretInfoPatch, {"labels": {"a": None, "b": 5}, "alias": None}) == [("/labels/b", "WRONG_TYPE")]


def test_a_finding_that_pydantic_repeats_is_told_once() -> None:
    error: Mapping[str, Any] = {"type": "missing", "loc": ("body", "name")}

    assert violations_of([error, error]) == [Violation("/name", Fault.REQUIRED)]


@pytest.mark.parametrize(
    ("location", "pointer"),
    [
        (("query", "page"), "?page"),
        (("header", "if-match"), "header:If-Match"),
        (("path", "name"), "path:name"),
        (("body",), ""),
        (("body", "a/b", 0), "/a~1b/0"),
    ],
)
def test_a_place_outside_of_the_body_has_a_form_of_its_own(location: tuple[str | int, ...], pointer: str) -> None:
    assert violations_of([{"type": "missing", "loc": location}]) == [Violation(pointer, Fault.REQUIRED)]


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", "2026-01-01"])
def test_what_is_no_time_with_a_zone_is_an_invalid_time(text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(AwareDatetime).validate_python(text)

    assert [violation.fault for violation in violations_of(caught.value.errors())] == [Fault.INVALID_TIME]


def test_a_number_that_is_none_has_the_wrong_type_and_one_too_large_is_out_of_range() -> None:
    assert fault("int_parsing", input="x") is Fault.WRONG_TYPE
    assert fault("int_parsing_size", input="9" * 5_000) is Fault.OUT_OF_RANGE


def test_a_fault_that_a_schema_raises_by_name_is_that_fault() -> None:
    error = PydanticCustomError("KEY_INVALID", "words")

    assert fault(error.type) is Fault.KEY_INVALID


@pytest.mark.parametrize("kind", get_args(core_schema.ErrorType))
def test_every_finding_of_pydantics_has_a_fault(kind: str) -> None:
    assert isinstance(fault(kind, input="x"), Fault)


@pytest.mark.parametrize("place", [("path",), ("header",), ("query",), ("cookie", "a")])
def test_a_finding_without_a_name_has_a_place_all_the_same(place: tuple[str, ...]) -> None:
    (violation,) = violations_of([{"type": "missing", "loc": place}])

    assert violation.pointer in ("", "?", "/cookie/a")


def test_a_key_that_looks_like_a_tag_is_told_at_its_map() -> None:
    document = content(kind="default", data={"tag:text": 5})

    assert found(SecretCreate, document) == [("/content/data", "KEY_INVALID"), ("/content/data", "VALUE_AMBIGUOUS")]


leaves = st.sampled_from([canary(), 5, None, True, [canary()], {"text": canary()}, {"base64": canary()}])
fields = ["name", "alias", "labels", "annotations", "content", "kind", "data", "certificate", "registries", "server"]
bodies = st.recursive(
    leaves, lambda inner: st.dictionaries(st.sampled_from(fields), inner) | st.lists(inner, max_size=2)
)


@pytest.mark.parametrize("model", [SecretCreate, SecretUpsert, SecretInfoPatch, SecretDataPatch, SecretDataReplace])
@given(document=bodies)
def test_no_finding_holds_what_was_sent(model: type[BaseModel], document: Any) -> None:
    assert MARK not in repr(refused(model, document))
