import pytest
from pydantic import ValidationError

from app.schemas.base import InputModel, WireModel


class Sent(InputModel):
    host_name: str
    size: int = 0


class Answered(WireModel):
    host_name: str


def error_types(document: object) -> list[tuple[str, tuple[str | int, ...]]]:
    with pytest.raises(ValidationError) as caught:
        Sent.model_validate(document)
    return [(error["type"], error["loc"]) for error in caught.value.errors()]


def test_what_is_sent_is_read_by_its_camel_case_names_alone() -> None:
    assert Sent.model_validate({"hostName": "a"}).host_name == "a"
    assert error_types({"host_name": "a"}) == [("missing", ("hostName",)), ("extra_forbidden", ("host_name",))]


@pytest.mark.parametrize("size", ["1", 1.0, True, None], ids=repr)
def test_nothing_is_coerced(size: object) -> None:
    assert error_types({"hostName": "a", "size": size}) == [("int_type", ("size",))]


def test_what_we_answer_is_built_by_field_name_and_written_in_camel_case() -> None:
    assert Answered(host_name="a").model_dump_json() == '{"hostName":"a"}'


def test_the_input_is_not_in_the_text_of_an_error() -> None:
    with pytest.raises(ValidationError) as caught:
        Sent.model_validate({"hostName": ["canary"], "canary": 1})

    assert "canary'" not in str(caught.value)
