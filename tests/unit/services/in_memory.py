"""The ports of `app.services` without a cluster, and the services that stand on them."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from app.domain.access import METADATA, RBAC_GROUP, Rule, Rules
from app.domain.call import Caller, Trace
from app.domain.change import SecretChange
from app.domain.edit import Step
from app.domain.errors import (
    AlreadyExistsError,
    AppError,
    AuditUnavailableError,
    ForbiddenError,
    PreconditionFailedError,
    SecretNotFoundError,
    UpstreamExpiredError,
)
from app.domain.secret import Metadata, NewSecret, ProjectRef, SecretRef, SecretRow, StoredSecret
from app.domain.state import State
from app.domain.version import Version
from app.domain.workspace import WORKSPACE_LABEL, Workspace
from app.services.reveal_gate import RevealGate
from app.services.rights import Rights
from app.services.secret_reading import SecretReader
from app.services.secret_validation import SecretValidator
from app.services.secret_writing import SecretPolicy, SecretWriter
from app.services.tenancy import Tenancy
from tests.unit.sample import NOW, OTHER_UID, PROJECT, REF, caller, metadata, version

VERBS: Final = ("get", "list", "create", "patch", "delete")


def on_secrets(*verbs: str) -> Rules:
    return Rules((Rule(frozenset(verbs), frozenset({""}), frozenset({"secrets"})),))


SEEING: Final = Rules((Rule(frozenset({"list"}), frozenset({""}), frozenset({METADATA})),))
ON_MEMBERS: Final = Rules((Rule(frozenset({"list"}), frozenset({RBAC_GROUP}), frozenset({"rolebindings"})),))


@dataclass
class SecretsInMemory:
    """One project's Secrets; versions count up as the cluster's do.

    `forbidden` are the verbs that nobody may use; `for viewers` is one of them, of the service's own user. `meanwhile`
    is what others do, one thing after each read, whether it found something or not.
    """

    secrets: dict[str, StoredSecret] = field(default_factory=dict)
    forbidden: set[str] = field(default_factory=set)
    meanwhile: deque[Callable[[], object]] = field(default_factory=deque)
    refusal: AppError | None = None
    """What the cluster has against any write."""
    calls: list[str] = field(default_factory=list)
    selectors: list[str | None] = field(default_factory=list)
    held: bool = False
    """Whether a finalizer holds what is deleted."""
    past: list[StoredSecret] = field(default_factory=list)
    """What was stored before, what is deleted among it."""
    forgetful: bool = False
    """Whether nothing of the past is remembered."""
    _counter: int = 100

    def put(self, secret: StoredSecret) -> StoredSecret:
        """Store as it is; what is there is replaced."""
        self.past.append(secret)
        self.secrets[secret.metadata.name] = secret
        return secret

    def touch(self, name: str = REF.name) -> None:
        """Somebody else writes the Secret."""
        secret = self.secrets[name]
        self.put(replace(secret, metadata=replace(secret.metadata, version=self._next(secret.metadata.version.uid))))

    async def list_rows(self, caller: Caller, project: ProjectRef, label_selector: str | None) -> list[SecretRow]:
        self._enter("list")
        self.selectors.append(label_selector)
        return [secret.row for secret in self.secrets.values()]

    async def list_for_viewer(self, project: ProjectRef, label_selector: str | None, trace: Trace) -> list[SecretRow]:
        self._enter("list for viewer", "for viewers")
        self.selectors.append(label_selector)
        return [secret.row for secret in self.secrets.values()]

    async def look_for_viewer(self, secret: SecretRef, trace: Trace) -> SecretRow:
        self._enter("look for viewer", "for viewers")
        return self._find(secret).row

    async def get(self, caller: Caller, secret: SecretRef) -> StoredSecret:
        self._enter("get")
        try:
            return self._find(secret)
        finally:
            self._let_others()

    async def get_at(
        self, caller: Caller, secret: SecretRef, version: Version, *, whole: bool = False
    ) -> StoredSecret | None:
        self._enter("get at", "list")
        if self.forgetful:
            raise UpstreamExpiredError
        return next((each for each in self.past if each.metadata.version == version), None)

    async def look(self, caller: Caller, secret: SecretRef) -> SecretRow | None:
        self.calls.append("look")
        if {"get", "patch"} <= self.forbidden:
            return None
        try:
            return self._find(secret).row
        finally:
            self._let_others()

    async def create(self, caller: Caller, secret: NewSecret, *, dry_run: bool = False) -> Metadata:
        self._enter("dry create" if dry_run else "create", "create")
        if secret.ref.name in self.secrets:
            raise AlreadyExistsError
        self._require_accepted()
        made = metadata(secret.ref.name, version=self._next(), labels=secret.labels, annotations=secret.annotations)
        if not dry_run:
            self.put(StoredSecret(made, secret.type, secret.data, secret.immutable))
        return made

    async def change(
        self, caller: Caller, secret: SecretRef, step: Step, expected: Version | None, *, dry_run: bool = False
    ) -> Version:
        self._enter("dry patch" if dry_run else "patch", "patch")
        change = step if isinstance(step, SecretChange) else step.to_change(self._find(secret).data)
        found = self._at(secret, expected)
        self._require_accepted()
        after = State.of(found).changed_by(change)
        changed = replace(found.metadata, labels=after.labels, annotations=after.annotations)
        if dry_run:
            return found.metadata.version
        return self._store(found, StoredSecret(changed, found.type, after.data, after.immutable))

    async def delete(
        self, caller: Caller, secret: SecretRef, expected: Version | None, *, dry_run: bool = False
    ) -> bool:
        self._enter("dry delete" if dry_run else "delete", "delete")
        self._at(secret, expected)
        if not self.held and not dry_run:
            del self.secrets[secret.name]
        return self.held

    def _enter(self, call: str, verb: str | None = None) -> None:
        self.calls.append(call)
        if (verb or call) in self.forbidden:
            raise ForbiddenError(verb or call, "secrets")

    def _find(self, secret: SecretRef) -> StoredSecret:
        if secret.name not in self.secrets:
            raise SecretNotFoundError
        return self.secrets[secret.name]

    def _at(self, secret: SecretRef, expected: Version | None) -> StoredSecret:
        found = self._find(secret)
        if expected not in (None, found.metadata.version):
            raise PreconditionFailedError
        return found

    def _store(self, before: StoredSecret, after: StoredSecret) -> Version:
        """Write what differs; what is as it was keeps its version."""
        if after == before:
            return before.metadata.version
        now = self._next(before.metadata.version.uid)
        self.put(replace(after, metadata=replace(after.metadata, version=now)))
        return now

    def _require_accepted(self) -> None:
        if self.refusal is not None:
            raise self.refusal

    def _let_others(self) -> None:
        if self.meanwhile:
            self.meanwhile.popleft()()

    def _next(self, uid: str = OTHER_UID) -> Version:
        self._counter += 1
        return version(self._counter, uid)


@dataclass
class ReviewsInMemory:
    """What callers may do, by the name of the namespace; `all_workspaces` who may list them all."""

    rules_in: dict[str, Rules] = field(default_factory=dict)
    all_workspaces: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def rules(self, caller: Caller, namespace: str) -> Rules:
        self.asked.append((caller.username, namespace))
        return self.rules_in.get(namespace, Rules())

    async def allows(
        self, caller: Caller, verb: str, group: str, resource: str, name: str = "", namespace: str = ""
    ) -> bool:
        return self.all_workspaces and (verb, group, resource) == ("list", "tenancy.secretspace.io", "workspaces")


@dataclass
class NamespacesInMemory:
    """Namespaces, each with its workspace."""

    namespaces: dict[str, Metadata] = field(default_factory=dict)
    moved: dict[str, Metadata] = field(default_factory=dict)
    """Namespaces that the cluster has otherwise than the index does, which is behind."""

    def add(self, name: str, workspace: str = "", **fields: Any) -> None:
        labels = {WORKSPACE_LABEL: workspace} if workspace else {}
        self.namespaces[name] = replace(Metadata(name, "", version(), NOW, labels), **fields)

    async def find(self, name: str, trace: Trace) -> Metadata | None:
        return self.namespaces.get(name)

    async def read(self, name: str, trace: Trace) -> Metadata | None:
        return self.moved.get(name) or self.namespaces.get(name)

    async def any_of(self, workspace: str, trace: Trace) -> bool:
        return any(each.labels.get(WORKSPACE_LABEL) == workspace for each in self.namespaces.values())


@dataclass
class WorkspacesInMemory:
    """Workspaces that are kept as resources."""

    workspaces: list[Workspace] = field(default_factory=list)

    async def all(self, trace: Trace) -> Sequence[Workspace]:
        return self.workspaces

    async def get(self, name: str, trace: Trace) -> Workspace | None:
        return next((workspace for workspace in self.workspaces if workspace.name == name), None)


@dataclass
class LinesInMemory:
    """The lines that reveals leave behind, unless they cannot be written."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    full: bool = False

    async def record(self, **line: Any) -> None:
        if self.full:
            raise AuditUnavailableError
        self.lines.append(line)

    async def record_copy(self, **line: Any) -> None:
        await self.record(**line)


@dataclass
class House:
    """All services over ports in memory, for one caller, who is an operator of the one project there is."""

    secrets: SecretsInMemory = field(default_factory=SecretsInMemory)
    reviews: ReviewsInMemory = field(default_factory=lambda: ReviewsInMemory({PROJECT.name: on_secrets(*VERBS)}))
    namespaces: NamespacesInMemory = field(default_factory=NamespacesInMemory)
    workspaces: WorkspacesInMemory = field(default_factory=WorkspacesInMemory)
    recorder: LinesInMemory = field(default_factory=LinesInMemory)
    gate: RevealGate = field(default_factory=lambda: RevealGate(8, 4, 0.01))
    caller: Caller = field(default_factory=caller)
    policy: SecretPolicy = field(default_factory=lambda: SecretPolicy(8, False, frozenset({"last-applied"})))

    def __post_init__(self) -> None:
        self.namespaces.add(PROJECT.name, PROJECT.workspace)
        hidden = frozenset({"secretspace-system"})
        self.tenancy = Tenancy(self.namespaces, self.workspaces, Rights(self.reviews), "cluster", hidden)

    @property
    def writer(self) -> SecretWriter:
        return SecretWriter(self.caller, self.tenancy, self.secrets, self.policy)

    @property
    def reader(self) -> SecretReader:
        return SecretReader(self.caller, self.tenancy, self.secrets, self.secrets, self.recorder, self.gate)

    @property
    def validator(self) -> SecretValidator:
        return SecretValidator(self.writer)

    def blind(self) -> None:
        """Take every right in the project from the caller."""
        self.reviews.rules_in.clear()
        self.secrets.forbidden.update(VERBS)


def _merged(before: Any, change: Any) -> dict[str, Any]:
    return {key: value for key, value in {**before, **change}.items() if value is not None}


def _row(secret: StoredSecret) -> SecretRow:
    return SecretRow(secret.metadata, secret.type, len(secret.data))
