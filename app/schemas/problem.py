"""A problem document (RFC 9457), the body of every answer that is not a success."""

from typing import Annotated, Any

from pydantic import Field

from app.domain.diff import Overtaken
from app.domain.fault import Violation
from app.schemas.base import WireModel
from app.schemas.secret_diff import SecretChanges


class ProblemItem(WireModel):
    """One fault of a payload."""

    pointer: Annotated[
        str,
        Field(
            description="JSON pointer into the body (RFC 6901); `?name` for a parameter, `header:Name` for a header.",
            examples=["/content/data/tls.key"],
        ),
    ]
    code: Annotated[str, Field(description="Stable code of the fault.", examples=["KEY_INVALID"])]
    message: Annotated[str, Field(description="The fault in words; never with the value in it.")]
    line: Annotated[int | None, Field(description="Line in YAML, a `.env` or a PEM file, from 1.")] = None
    column: Annotated[int | None, Field(description="Column in YAML, a `.env` or a PEM file, from 1.")] = None

    @classmethod
    def from_domain(cls, violation: Violation) -> "ProblemItem":
        """The view of a fault."""
        return cls(
            pointer=violation.pointer,
            code=violation.fault.code,
            message=violation.fault.message,
            line=violation.line,
            column=violation.column,
        )


class ItemProblem(WireModel):
    """What went wrong with one of several things, in words and in a code to act on."""

    type: Annotated[str, Field(description="URI reference of the page about this kind of problem.")]
    title: Annotated[str, Field(description="The kind of problem; the same for each of its occurrences.")]
    status: Annotated[int, Field(description="The HTTP status.", examples=[404])]
    detail: Annotated[str, Field(description="This occurrence, in words.")]
    code: Annotated[str, Field(description="Stable code of the kind.", examples=["SECRET_NOT_FOUND"])]
    errors: Annotated[
        list[ProblemItem] | None, Field(description="Every fault of the payload that could be found.")
    ] = None
    meanwhile: Annotated[
        SecretChanges | None,
        Field(description="Of a 412: what others changed since the version in If-Match, where the caller may read it."),
    ] = None
    overlap: Annotated[
        list[str] | None,
        Field(
            description="Of a 412 with `merge`: what both the edit and others changed, as JSON pointers.",
            examples=[["/data/password", "/labels/app", "/alias"]],
        ),
    ] = None
    version_gone: Annotated[
        bool | None, Field(description="Of a 412: true where Kubernetes does not remember the version in If-Match.")
    ] = None


class Problem(ItemProblem):
    """What went wrong with a request."""

    instance: Annotated[str, Field(description="The path of the request.")]
    request_id: Annotated[str, Field(description="Names the request in our log and in the cluster's audit log.")]


class OAuthProblem(Problem):
    """A problem of `/oauth/*`, which also says it in the words of RFC 6749 section 5.2."""

    error: Annotated[str, Field(description="The error code of RFC 6749.", examples=["invalid_grant"])]
    error_description: Annotated[str, Field(alias="error_description", description="The same as `detail`.")]


def meanwhile(overtaken: Overtaken) -> dict[str, Any]:
    """What a problem says of a Secret that others have changed."""
    return {
        "meanwhile": SecretChanges.known(overtaken.meanwhile),
        "overlap": list(overtaken.overlap) or None,
        "version_gone": overtaken.version_gone or None,
    }
