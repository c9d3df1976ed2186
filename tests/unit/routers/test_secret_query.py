import pytest
from pydantic import TypeAdapter, ValidationError

from app.routers.secret_query import Time


@pytest.mark.parametrize(
    "text", ["2026-01-31T12:00:00Z", "2026-01-31t12:00:00.5z", "2026-01-31T12:00:00+02:00", "2026-01-31T12:00:00-00:30"]
)
def test_a_time_is_an_rfc_3339_date_time(text: str) -> None:
    assert TypeAdapter(Time).validate_python(text).utcoffset() is not None


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "1767225600.5",
        "2026-01-31",
        "2026-01-31T12:00:00",
        "2026-01-31 12:00:00Z",
        "2026-01-31T12:00Z",
        "2026-02-30T12:00:00Z",
        "٢٠٢٦-01-31T12:00:00Z",
    ],
)
def test_what_else_could_be_taken_for_a_time_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Time).validate_python(text)
