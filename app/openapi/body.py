"""Bodies that routes read or write by themselves, so that FastAPI does not know of them."""

from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.openapi.component import REF
from app.schemas.proposal import SecretProposal
from app.schemas.secret_import import JsonFile, SecretFiles

_BODIES: Final[tuple[type[BaseModel], ...]] = (SecretProposal, SecretFiles, JsonFile)


def body_schemas() -> dict[str, Any]:
    """The schemas of these bodies, and of all that they hold."""
    models = [(model, "validation") for model in _BODIES]
    _, found = models_json_schema(models, ref_template=REF + "{model}")  # type: ignore[arg-type]  # a Literal, widened
    definitions: dict[str, Any] = found["$defs"]
    return definitions


def body_reference(model: type[BaseModel]) -> dict[str, Any]:
    """What an operation says of such a body, for one media type."""
    return {"schema": {"$ref": REF + model.__name__}}
