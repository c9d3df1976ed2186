"""Bodies that create and change Secrets."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from app.domain.absent import ABSENT, Absent
from app.domain.change import InfoChange, KeyChange
from app.domain.content import Content
from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation
from app.domain.name import Key, SecretName
from app.domain.new_secret import NewSecretDraft
from app.domain.secret import ProjectRef, SecretRef
from app.schemas.base import InputModel, fault_error
from app.schemas.content_input import ContentEdit, ContentInput, KeyName
from app.schemas.metadata import Alias, AnnotationsPatch, Description, LabelsPatch, NewAnnotations, NewLabels, NewName
from app.schemas.value import ValueInput, to_bytes

_Immutable = Annotated[bool | None, Field(description="Whether the values may never be changed; cannot be undone.")]


def _only_true(mark: Any) -> Any:
    if not mark:
        raise fault_error(Fault.INVALID_VALUE)
    return mark


_Mark = Annotated[
    bool,
    Field(
        default_factory=lambda: None,
        description="Sent alone: the values may never be changed again. This cannot be undone.",
        json_schema_extra={"const": True},
    ),
    AfterValidator(_only_true),
]
_Values = Annotated[dict[KeyName, ValueInput], Field(default_factory=dict, repr=False)]


class _NewSecret(InputModel):
    alias: Alias | None = None
    description: Description | None = None
    labels: NewLabels
    annotations: NewAnnotations
    immutable: _Immutable = None

    def _draft(self, secret: SecretRef, content: Content) -> NewSecretDraft:
        return NewSecretDraft(
            ref=secret,
            content=content,
            alias=self.alias,
            description=self.description,
            labels=self.labels,
            annotations=self.annotations,
            immutable=self.immutable,
        )


class SecretCreate(_NewSecret):
    """A new Secret: what it is called, and what it holds."""

    name: NewName
    content: ContentInput

    def to_domain(self, project: ProjectRef) -> NewSecretDraft:
        """The Secret as it shall be in the project."""
        return self._draft(SecretRef(project, SecretName(self.name)), self.content.to_domain())


class SecretUpsert(_NewSecret):
    """A Secret to create, or to put over one that is there; of that, labels and annotations not named here stay."""

    name: Annotated[NewName | None, Field(description="May be left out; else as in the path.")] = None
    content: ContentEdit

    def to_domain(self, secret: SecretRef) -> NewSecretDraft:
        """The Secret as it shall be.

        Raises:
            InvalidError: the body names another one than the path.
        """
        if self.name not in (None, secret.name):
            raise InvalidError([Violation("/name", Fault.NAME_MISMATCH)])
        return self._draft(secret, self.content.to_domain())


class SecretInfoPatch(InputModel):
    """Edit Information: what is left out stays, null removes (RFC 7396)."""

    alias: Alias | None = None
    description: Description | None = None
    labels: LabelsPatch
    annotations: AnnotationsPatch
    immutable: _Mark

    def to_domain(self) -> InfoChange:
        """The change.

        Raises:
            InvalidError: it makes the Secret immutable, and something else besides.
        """
        if self.immutable is True and self.model_fields_set & {"alias", "description", "labels", "annotations"}:
            raise InvalidError([Violation("/immutable", Fault.IMMUTABLE_ALONE)])
        return InfoChange(
            alias=self._given("alias"),
            description=self._given("description"),
            labels=self.labels,
            annotations=self.annotations,
            seals=self.immutable is True,
        )

    def _given(self, name: str) -> str | Absent | None:
        return getattr(self, name) if name in self.model_fields_set else ABSENT


class SecretDataReplace(InputModel):
    """Edit Secret: the values of its kind."""

    content: ContentEdit

    def to_domain(self) -> Content:
        """The content."""
        return self.content.to_domain()


class SecretDataPatch(InputModel):
    """Changes to single keys, all of them or none; keys that are not named stay as they are, unread."""

    set: Annotated[_Values, Field(description="Keys to set, whether they are there or not.")]
    set_if_absent: Annotated[_Values, Field(description="Keys to set that must not be there.")]
    remove: Annotated[list[KeyName], Field(default_factory=list, description="Keys to remove, if they are there.")]
    rename: Annotated[
        dict[KeyName, KeyName],
        Field(default_factory=dict, description="Keys to rename, old name to new.", examples=[{"usr": "username"}]),
    ]
    overwrite: Annotated[
        bool | None, Field(description="Whether a rename may replace a key that is there; else that fails.")
    ] = None

    def to_domain(self) -> KeyChange:
        """The change.

        Raises:
            InvalidError: it names nothing, or one key twice.
        """
        if len(set(self.remove)) < len(self.remove):
            raise InvalidError([Violation("/remove", Fault.KEY_NAMED_TWICE)])
        return KeyChange(
            set=_bytes(self.set),
            set_if_absent=_bytes(self.set_if_absent),
            remove=frozenset(map(Key, self.remove)),
            rename={Key(source): Key(target) for source, target in self.rename.items()},
            overwrite=self.overwrite is True,
        )


def _bytes(values: Mapping[str, ValueInput]) -> dict[Key, bytes]:
    return {Key(key): to_bytes(value) for key, value in values.items()}
