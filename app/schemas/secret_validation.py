"""The draft of a Secret, judged instead of refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field, TypeAdapter, ValidationError, WrapValidator
from pydantic_core.core_schema import ValidatorFunctionWrapHandler

from app.domain.change import Warning
from app.domain.content import Content
from app.domain.fault import Fault, Violation
from app.domain.name import SecretName
from app.domain.new_secret import NewSecretDraft
from app.domain.secret import ProjectRef
from app.schemas.base import WireModel, fault_error
from app.schemas.content_input import ContentInput
from app.schemas.problem import ProblemItem
from app.schemas.secret_input import SecretCreate
from app.schemas.secret_view import WarningView, warning_views
from app.validation import violations_of

_CONTENT: Final[TypeAdapter[Any]] = TypeAdapter(ContentInput)


class SecretDraft(SecretCreate):
    """A new Secret in the making; `content` may be left out, to have the first step judged alone."""

    content: Annotated[ContentInput | None, Field(description="What it holds.")] = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class JudgedDraft:
    """A draft, None where it cannot be read as one, with what is wrong with its form."""

    draft: SecretDraft | None
    violations: tuple[Violation, ...]
    name: SecretName | None
    """The name, where it is one."""
    content: Content | None = None
    """The content, where it alone has the right form."""

    def whole(self, project: ProjectRef) -> NewSecretDraft | None:
        """The draft, where it has both steps and their form is right."""
        complete = self.draft is not None and self.draft.content is not None
        return self.draft.to_domain(project) if self.draft is not None and complete else None


def _judge(value: Any, read: ValidatorFunctionWrapHandler) -> JudgedDraft:
    """Keep what is wrong as an answer; only a body that is no object at all is refused."""
    if not isinstance(value, dict):
        raise fault_error(Fault.WRONG_TYPE)
    name = value.get("name")
    known = SecretName(name) if isinstance(name, str) and SecretName.fault(name) is None else None
    try:
        return JudgedDraft(read(value), (), known)
    except ValidationError as error:
        violations = tuple(violations_of(error.errors(), content_at=("content",)))
        return JudgedDraft(None, violations, known, _content(value.get("content")))


def _content(value: Any) -> Content | None:
    try:
        content: Content = _CONTENT.validate_python(value).to_domain()
    except ValidationError:
        return None
    return content


if TYPE_CHECKING:
    DraftInput = JudgedDraft
else:
    DraftInput = Annotated[SecretDraft, WrapValidator(_judge)]
    """What the document calls a `SecretDraft`, and a route gets judged."""


class SecretValidation(WireModel):
    """What a create of the draft would come to."""

    valid: Annotated[bool, Field(description="Whether it could be created now.")]
    errors: Annotated[list[ProblemItem], Field(description="Everything that is wrong.")]
    warnings: Annotated[list[WarningView], Field(description="What would work, and should be looked at.")]

    @classmethod
    def from_domain(cls, violations: Sequence[Violation], remarks: Sequence[Warning] = ()) -> "SecretValidation":
        """The view of a judgement."""
        items = [ProblemItem.from_domain(each) for each in violations]
        return cls(valid=not items, errors=items, warnings=warning_views(remarks))
