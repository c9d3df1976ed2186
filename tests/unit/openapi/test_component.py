from typing import Any

from app.openapi.component import forget_null, forget_titles, references, settle

NULL = {"type": "null"}


def answer(**fields: dict[str, Any]) -> dict[str, Any]:
    """A closed object, as Pydantic describes it, none of whose fields is required."""
    return {"type": "object", "title": "Answer", "additionalProperties": False, "properties": fields}


def test_a_field_that_an_answer_may_leave_out_is_never_null_and_has_no_default() -> None:
    text = {"anyOf": [{"type": "string"}, NULL], "default": None, "description": "A text."}
    (settled,) = settle({"Answer": answer(text=text)}, []).values()
    assert settled["properties"] == {"text": {"type": "string", "description": "A text."}}


def test_a_field_that_an_answer_always_has_may_be_null() -> None:
    text = {"anyOf": [{"type": "string"}, NULL]}
    (settled,) = settle({"Answer": answer(text=text) | {"required": ["text"]}}, []).values()
    assert settled["properties"] == {"text": {"anyOf": [{"type": "string"}, NULL]}}


def test_an_answer_may_gain_fields_and_a_body_may_not() -> None:
    inner = {"$ref": "#/components/schemas/Inner"}
    generated = {"Answer": answer(), "Body": answer(inner=inner), "Inner": answer()}
    settled = settle(generated, [{"schema": {"$ref": "#/components/schemas/Body"}}])
    assert {name: "additionalProperties" in each for name, each in settled.items()} == {
        "Answer": False,
        "Body": True,
        "Inner": True,
    }


def test_what_can_be_sent_keeps_its_null() -> None:
    body = answer(text={"anyOf": [{"type": "string"}, NULL]})
    settled = settle({"Body": body}, [[{"$ref": "#/components/schemas/Body"}]])
    assert settled["Body"]["properties"]["text"] == {"anyOf": [{"type": "string"}, NULL]}


def test_what_fastapi_says_of_its_own_422_is_gone() -> None:
    assert settle({"HTTPValidationError": {}, "ValidationError": {}}, []) == {}


def test_null_is_taken_out_of_a_choice_of_several() -> None:
    field = {"anyOf": [{"type": "string"}, {"type": "integer"}, NULL]}
    forget_null(field)
    assert field == {"anyOf": [{"type": "string"}, {"type": "integer"}]}


def test_what_is_said_of_a_field_goes_before_what_is_said_of_its_type() -> None:
    field = {"description": "Mine.", "anyOf": [{"type": "string", "description": "Of the type."}, NULL]}
    forget_null(field)
    assert field == {"description": "Mine.", "type": "string"}


def test_titles_go_at_every_depth_and_a_field_of_that_name_stays() -> None:
    titled = {"type": "string", "title": "Said by Pydantic"}
    part = {
        "title": "Whole",
        "properties": {"title": dict(titled), "list": {"items": dict(titled)}, "any": {"anyOf": [dict(titled)]}},
        "additionalProperties": dict(titled),
    }
    forget_titles(part)
    plain = {"type": "string"}
    assert part == {
        "properties": {"title": plain, "list": {"items": plain}, "any": {"anyOf": [plain]}},
        "additionalProperties": plain,
    }


def test_a_map_tells_what_its_keys_look_like_and_lets_no_other_pass() -> None:
    body = answer(
        data={"patternProperties": {"^a$": {"type": "string"}}, "propertyNames": {"maxLength": 9}, "type": "object"}
    )
    (settled,) = settle({"Body": body}, []).values()
    assert settled["properties"]["data"] == {
        "type": "object",
        "propertyNames": {"pattern": "^a$", "maxLength": 9},
        "additionalProperties": {"type": "string"},
    }


def test_references_are_found_at_every_depth() -> None:
    part = [{"a": {"$ref": "#/components/schemas/A"}}, {"b": [{"$ref": "#/components/schemas/B"}]}, {"$ref": "#/x"}]
    assert references(part) == {"A", "B"}
