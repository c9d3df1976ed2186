"""A document that makes a Secret: an edit of an empty one, so that the rules are those of every other document."""

from collections.abc import Iterator
from datetime import datetime

from app.domain.change import Warning
from app.domain.content_write import type_text_fault
from app.domain.edit import ManifestEdit, Wanted
from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation, pointer
from app.domain.kind import OPAQUE
from app.domain.manifest import ANNOTATIONS, SecretManifest
from app.domain.name import CREATOR, SERVICE_ACCOUNT_NAME, SecretName
from app.domain.secret import SERVICE_ACCOUNT_TOKEN, Metadata, NewSecret, ProjectRef, SecretRef, StoredSecret
from app.domain.state import State
from app.domain.version import Version

_OTHER_CREATOR = Warning(
    ANNOTATIONS + pointer(CREATOR), "CREATOR_IGNORED", "The creator is who creates it; this annotation was ignored."
)


def blank(manifest: SecretManifest, project: ProjectRef, now: datetime) -> StoredSecret:
    """The empty Secret that the document is an edit of.

    It has what an edit may not bring, and a new Secret has: the creator's annotation, which is passed over then, and
    the ServiceAccount of a token.
    """
    secret_type = manifest.type or OPAQUE
    kept = {CREATOR, SERVICE_ACCOUNT_NAME} if secret_type == SERVICE_ACCOUNT_TOKEN else {CREATOR}
    annotations = {key: text for key, text in manifest.annotations.items() if key in kept}
    return StoredSecret(Metadata(manifest.name, project.name, Version("", ""), now, {}, annotations), secret_type)


def wanted_of_new(edit: ManifestEdit, base: StoredSecret, *, repeated: bool, allow_tokens: bool) -> Wanted:
    """What makes the blank Secret what the document says.

    Args:
        edit: The document as an edit.
        base: The blank Secret.
        repeated: Whether a document before gave the same name.
        allow_tokens: Whether service-account tokens may be made.

    Raises:
        InvalidError: the document cannot become a new Secret; all that is wrong with it.
    """
    violations = list(_violations(edit.manifest, base.type, repeated=repeated, allow_tokens=allow_tokens))
    try:
        wanted = edit.wanted(base)
    except InvalidError as error:
        raise InvalidError([*violations, *error.violations]) from None
    if violations:
        raise InvalidError(violations)
    return wanted


def new_secret(project: ProjectRef, base: StoredSecret, after: State, creator: str) -> NewSecret:
    """The Secret in the state that a document brings the blank one to."""
    return NewSecret(
        ref=SecretRef(project, SecretName(base.metadata.name)),
        type=base.type,
        data=after.data,
        labels=after.labels,
        annotations={**after.annotations, CREATOR: creator},
        immutable=after.immutable,
    )


def creator_warnings(manifest: SecretManifest, creator: str) -> tuple[Warning, ...]:
    """What to tell where the document names another creator."""
    return () if manifest.annotations.get(CREATOR, creator) == creator else (_OTHER_CREATOR,)


def _violations(
    manifest: SecretManifest, secret_type: str, *, repeated: bool, allow_tokens: bool
) -> Iterator[Violation]:
    """What no edit can be at fault for: the name, and the type."""
    name_fault = Fault.SECRET_NAMED_TWICE if repeated else SecretName.fault(manifest.name)
    if name_fault is not None:
        yield manifest.violation("/metadata/name", name_fault)
    disabled = secret_type == SERVICE_ACCOUNT_TOKEN and not allow_tokens
    type_fault = Fault.KIND_DISABLED if disabled else type_text_fault(secret_type)
    if type_fault is not None:
        yield manifest.violation("/type", type_fault)
