"""What operations say of errors: those that their routes declare, and those that the middleware answers before them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from app.domain.errors import (
    AppError,
    BodyTimeoutError,
    BodyTooLargeError,
    ForbiddenHeaderError,
    HeadersTooLargeError,
    IdentityProviderUnavailableError,
    InvalidError,
    InvalidTokenError,
    MalformedRequestError,
    OwnAccessError,
    UnauthenticatedError,
    UnsupportedEncodingError,
    UnsupportedMediaTypeError,
    UpstreamAnswerError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from app.openapi.component import REF
from app.problem_kind import INTERNAL, INTERNAL_KIND, Kind, kind_of
from app.problems import MEDIA_TYPE, example_reference, problem_type, problems
from app.schemas.problem import OAuthProblem, Problem

_BY_MIDDLEWARE: Final = (ForbiddenHeaderError, BodyTooLargeError, HeadersTooLargeError, UpstreamTimeoutError)
"""What every operation can answer."""
_OF_SIGNED_IN: Final = (
    MalformedRequestError,
    UnauthenticatedError,
    InvalidTokenError,
    OwnAccessError,
    UpstreamAnswerError,
    UpstreamUnavailableError,
    IdentityProviderUnavailableError,
)
"""What finding out who calls can come to."""
_OF_BODIES: Final = (BodyTimeoutError, UnsupportedEncodingError, UnsupportedMediaTypeError)


def add_problems(responses: dict[str, dict[str, Any]], *, is_open: bool, has_body: bool, oauth: bool) -> None:
    """Add to an operation's responses what it can answer besides what its route declares; all as problem documents."""
    classes: list[type[AppError]] = [*_BY_MIDDLEWARE]
    if not oauth:
        classes.append(InvalidError)  # of an unknown query parameter, at least
    if not is_open:
        classes.extend(_OF_SIGNED_IN)
    if has_body:
        classes.extend(_OF_BODIES)
    for status, response in problems(*classes, oauth=oauth).items():
        _add(responses, str(status), response)
    _add(responses, str(int(INTERNAL_KIND.status)), _internal(oauth=oauth))
    model = OAuthProblem if oauth else Problem
    for response in responses.values():
        if MEDIA_TYPE in response.get("content", {}):
            media = response["content"][MEDIA_TYPE]
            media["schema"] = {"$ref": REF + model.__name__}
            response["content"] = {MEDIA_TYPE: media}  # FastAPI repeats it under the media type of the success


def problem_schemas() -> dict[str, Any]:
    """The schemas of problem documents, which operations refer to even where no route declares one."""
    models = [(model, "serialization") for model in (Problem, OAuthProblem)]
    _, found = models_json_schema(models, ref_template=REF + "{model}")  # type: ignore[arg-type]  # a Literal, widened
    definitions: dict[str, Any] = found["$defs"]
    return definitions


def problem_examples(operations: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """An example of each kind of problem that the operations refer to."""
    kinds = kinds_by_code()
    examples = {}
    for reference, code in _examples(operations):
        name = reference.rpartition("/")[2]
        examples[name] = _example(code, kinds[code], oauth=name != code)
    return examples


def kinds_by_code() -> dict[str, Kind]:
    """Every kind of problem, by its code."""
    kinds = {INTERNAL: INTERNAL_KIND}
    pending = AppError.__subclasses__()
    while pending:
        each = pending.pop()
        kinds.setdefault(each.code, kind_of(each))
        pending.extend(each.__subclasses__())
    return dict(sorted(kinds.items()))


def _internal(*, oauth: bool) -> dict[str, Any]:
    return {
        "description": f"- `{INTERNAL}`: {INTERNAL_KIND.title}",
        "content": {MEDIA_TYPE: {"examples": {INTERNAL: example_reference(INTERNAL, oauth=oauth)}}},
    }


def _add(responses: dict[str, dict[str, Any]], status: str, response: Mapping[str, Any]) -> None:
    """Add an error to responses; two of one status become one."""
    there = responses.setdefault(status, {"description": "", "content": {MEDIA_TYPE: {"examples": {}}}})
    lines = {*there["description"].splitlines(), *response["description"].splitlines()}
    there["description"] = "\n".join(sorted(lines))
    there.setdefault("headers", {}).update(response.get("headers", {}))
    there["content"][MEDIA_TYPE]["examples"].update(response["content"][MEDIA_TYPE]["examples"])


def _examples(operations: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for operation in operations:
        for response in operation["responses"].values():
            for code, example in response.get("content", {}).get(MEDIA_TYPE, {}).get("examples", {}).items():
                yield example["$ref"], code


def _example(code: str, kind: Kind, *, oauth: bool) -> dict[str, Any]:
    detail = kind.detail if isinstance(kind.detail, str) and kind.detail else f"{kind.title}."
    secret = "/api/v1/workspaces/demo-workspace/projects/demo-project/secrets/demo-secret"  # noqa: S105  (a path)
    problem = Problem(
        type=problem_type(code),
        title=kind.title,
        status=int(kind.status),
        detail=detail,
        instance="/oauth/token" if oauth else secret,
        code=code,
        request_id="5f0c2f0e9d4b4b8f8e2b7a1c3d4e5f60",
    )
    if oauth:
        problem = OAuthProblem(**dict(problem), error=kind.oauth, error_description=detail)
    return {"summary": kind.title, "value": problem.model_dump(mode="json", exclude_none=True)}
