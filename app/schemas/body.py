"""Bodies that routes read by themselves: as FastAPI would, with the same words for what is wrong."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from app.domain.errors import InvalidError
from app.schemas.json_body import parse_json
from app.validation import violations_of

M = TypeVar("M", bound=BaseModel)


def read_body(model: type[M], body: bytes) -> M:
    """The model that a body in JSON holds.

    Raises:
        InvalidError: it is no JSON, or no such model.
    """
    document = parse_json(body)
    try:
        return model.model_validate(document)
    except ValidationError as error:
        found = [{**each, "loc": ("body", *each["loc"])} for each in error.errors()]
        raise InvalidError(violations_of(found)) from None
