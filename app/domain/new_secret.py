"""A Secret as a person describes it, before it meets what is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.change import SecretChange, difference
from app.domain.content import Content, ServiceAccountTokenContent
from app.domain.content_write import data_of, type_of
from app.domain.name import ALIAS, CREATOR, DESCRIPTION, SERVICE_ACCOUNT_NAME
from app.domain.secret import NewSecret, SecretRef, StoredSecret


@dataclass(frozen=True, slots=True)
class NewSecretDraft:
    """Step one (what it is called) and step two (what it holds); None stands for a field that was left out."""

    ref: SecretRef
    content: Content
    alias: str | None = None
    description: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict, repr=False)
    immutable: bool | None = None

    def to_secret(self, creator: str, *, max_keys: int) -> NewSecret:
        """The Secret to create.

        Raises:
            InvalidError: the content breaks the rules of its kind.
        """
        return NewSecret(
            ref=self.ref,
            type=type_of(self.content),
            data=data_of(self.content, None, max_keys=max_keys),
            labels=self.labels,
            annotations={**self._annotations(), CREATOR: creator},
            immutable=self.immutable is True,
        )

    def over(self, stored: StoredSecret, *, max_keys: int) -> SecretChange:
        """What replaces a stored Secret by this one: labels and annotations that it does not name stay.

        Raises:
            InvalidError: the content breaks the rules of its kind, or is of another one.
        """
        data = data_of(self.content, stored, max_keys=max_keys)
        labels = {**stored.metadata.labels, **self.labels}
        emptied = {key for key, text in self._texts().items() if text == ""}
        kept = {key: text for key, text in stored.metadata.annotations.items() if key not in emptied}
        annotations = {**kept, **self._annotations()}
        return SecretChange(
            data=difference(stored.data, data),
            labels=difference(stored.metadata.labels, labels),
            annotations=difference(stored.metadata.annotations, annotations),
            immutable=self.immutable if self.immutable not in (None, stored.immutable) else None,
        )

    def _annotations(self) -> dict[str, str]:
        annotations = {**self.annotations, **{key: text for key, text in self._texts().items() if text}}
        if isinstance(self.content, ServiceAccountTokenContent):
            annotations[SERVICE_ACCOUNT_NAME] = self.content.service_account
        return annotations

    def _texts(self) -> dict[str, str | None]:
        """Alias and description as annotations: None leaves what is there, an empty text removes it."""
        return {ALIAS: self.alias, DESCRIPTION: self.description}
