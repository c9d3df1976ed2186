"""The only place that joins services to adapters."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from app.domain.call import Caller
from app.identity.administration import AccountAdministration
from app.identity.authenticator import Authenticator
from app.identity.back_off import BackOff
from app.identity.cluster_token import ClusterTokens
from app.identity.local import LocalTokens
from app.identity.oidc import ProviderTokens
from app.identity.oidc_https import HttpsDocuments
from app.identity.oidc_key_ring import ProviderKeys
from app.identity.password import Passwords
from app.identity.sign_in import SignIn
from app.identity.signing import KeyRing
from app.identity.way_in import Remembering, WayIn
from app.k8s.account import Accounts
from app.k8s.credentials import Credentials
from app.k8s.inherited import KubeInherited
from app.k8s.member import KubeMembers
from app.k8s.namespace import NamespaceIndex
from app.k8s.project import KubeProjects
from app.k8s.readiness import KubeReadiness
from app.k8s.review import KubeReviews
from app.k8s.secret import KubeSecrets
from app.k8s.signing_key import SigningKeys
from app.k8s.token_review import TokenReviewer
from app.k8s.transport import Transport, UpstreamObserver, open_transport
from app.k8s.workspace import KubeWorkspaces
from app.services.departure import Departure
from app.services.fan_out import BackgroundFanOut
from app.services.last_admin import LastAdmin
from app.services.port import RevealRecorder
from app.services.project_member import ProjectMembers
from app.services.project_writing import ProjectWriter
from app.services.reconciler import Reconciler
from app.services.reveal_gate import RevealGate
from app.services.rights import Rights
from app.services.secret_batch_deletion import SecretBatchDeletion
from app.services.secret_copying import SecretCopier
from app.services.secret_reading import SecretReader
from app.services.secret_restoring import SecretRestorer
from app.services.secret_validation import SecretValidator
from app.services.secret_versioning import SecretVersioner
from app.services.secret_writing import SecretPolicy, SecretWriter
from app.services.secret_yaml_creation import ManifestCreator
from app.services.subject import UserNames
from app.services.tenancy import Tenancy
from app.services.workspace_member import WorkspaceMembers
from app.services.workspace_writing import WorkspaceWriter
from app.settings import OidcIssuer, Settings


@dataclass(frozen=True, slots=True)
class LocalAccounts:
    """The `local` way in, and what is done with its accounts."""

    way: WayIn
    keys: KeyRing
    sign_in: SignIn
    administration: AccountAdministration


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that lives as long as the process; what a request needs is made for its caller."""

    settings: Settings
    authenticator: Authenticator
    local: LocalAccounts | None
    """None where local accounts are off."""
    tenancy: Tenancy
    fan_out: BackgroundFanOut
    user_names: UserNames
    readiness: KubeReadiness
    _secrets: KubeSecrets = field(repr=False)
    _workspaces: KubeWorkspaces = field(repr=False)
    _projects: KubeProjects = field(repr=False)
    _members: KubeMembers = field(repr=False)
    _departure: Departure = field(repr=False)
    _recorder: RevealRecorder = field(repr=False)
    _gate: RevealGate = field(repr=False)

    def reader(self, caller: Caller) -> SecretReader:
        """Reads Secrets as the caller."""
        return SecretReader(caller, self.tenancy, self._secrets, self._secrets, self._recorder, self._gate)

    def writer(self, caller: Caller) -> SecretWriter:
        """Writes Secrets as the caller."""
        rules = self.settings.secrets
        policy = SecretPolicy(
            self.settings.limits.keys, rules.allow_service_account_tokens, frozenset(rules.hidden_annotations)
        )
        return SecretWriter(caller, self.tenancy, self._secrets, policy)

    def restorer(self, caller: Caller) -> SecretRestorer:
        """Puts earlier versions of Secrets back as the caller."""
        return SecretRestorer(self.writer(caller))

    def workspace_writer(self, caller: Caller) -> WorkspaceWriter:
        """Writes workspaces in the caller's name."""
        return WorkspaceWriter(caller, self.tenancy, self._workspaces, self.fan_out)

    def project_writer(self, caller: Caller) -> ProjectWriter:
        """Writes projects in the caller's name."""
        return ProjectWriter(caller, self.tenancy, self._projects, self._members, self.fan_out)

    def workspace_members(self, caller: Caller) -> WorkspaceMembers:
        """Members of workspaces, changed in the caller's name."""
        writer = self.workspace_writer(caller)
        return WorkspaceMembers(caller, writer, self._workspaces, self.user_names, self._departure, self.fan_out)

    def project_members(self, caller: Caller) -> ProjectMembers:
        """Members of projects, changed in the caller's name."""
        last_admin = LastAdmin(self.tenancy, self._projects, self._members)
        return ProjectMembers(caller, self.tenancy, self._members, self.user_names, last_admin)

    def validator(self, caller: Caller) -> SecretValidator:
        """Judges drafts of Secrets as the caller."""
        return SecretValidator(self.writer(caller))

    def copier(self, caller: Caller) -> SecretCopier:
        """Copies and compares Secrets as the caller."""
        return SecretCopier(self.writer(caller), self._recorder)

    def manifest_creator(self, caller: Caller) -> ManifestCreator:
        """Makes Secrets of documents as the caller."""
        return ManifestCreator(self.writer(caller))

    def batch_deletion(self, caller: Caller) -> SecretBatchDeletion:
        """Deletes several Secrets as the caller."""
        return SecretBatchDeletion(self.writer(caller))

    def versioner(self, caller: Caller) -> SecretVersioner:
        """Makes new versions of Secrets as the caller."""
        return SecretVersioner(self.writer(caller))


@asynccontextmanager
async def open_services(
    settings: Settings, *, observer: UpstreamObserver, recorder: RevealRecorder
) -> AsyncIterator[Services]:
    """All services over one transport; closed in reverse.

    Raises:
        NoClusterError: no way to a cluster is configured.
    """
    async with AsyncExitStack() as stack:
        credentials = await Credentials.load(settings.kubernetes.kubeconfig, settings.kubernetes.context)
        transport = await stack.enter_async_context(open_transport(settings.kubernetes, credentials, observer))
        index = NamespaceIndex(transport)
        await stack.enter_async_context(index.following())
        passwords = Passwords()
        stack.callback(passwords.close)
        services = _join(settings, transport, index, recorder, passwords)
        await stack.enter_async_context(services.fan_out.running())
        yield services


def _join(
    settings: Settings, transport: Transport, index: NamespaceIndex, recorder: RevealRecorder, passwords: Passwords
) -> Services:
    reviews = KubeReviews(transport)
    rights = Rights(reviews)
    workspaces = KubeWorkspaces(transport)
    local = settings.identity.local
    accounts = Accounts(transport, settings.kubernetes.namespace) if local.enabled else None
    hidden = frozenset({settings.kubernetes.namespace, *settings.kubernetes.hidden_namespaces})
    limits = settings.limits
    tenancy = Tenancy(index, workspaces, rights, settings.tenancy.cluster_workspace, hidden)
    reconciler = Reconciler(workspaces, workspaces, index, KubeInherited(transport), tenancy.never_a_project)
    fan_out = BackgroundFanOut(reconciler, settings.tenancy.reconcile_interval)
    members = KubeMembers(transport)
    departure = Departure(workspaces, workspaces, index, members, fan_out)
    local_accounts = _local_accounts(settings, transport, passwords, reviews, departure)
    return Services(
        settings=settings,
        authenticator=_ways_in(settings, transport, local_accounts),
        local=local_accounts,
        tenancy=tenancy,
        fan_out=fan_out,
        user_names=UserNames(accounts, local.prefix),
        readiness=KubeReadiness(transport),
        _secrets=KubeSecrets(transport, settings.secrets.hidden_annotations),
        _workspaces=workspaces,
        _projects=KubeProjects(transport),
        _members=members,
        _departure=departure,
        _recorder=recorder,
        _gate=RevealGate(limits.reveals, limits.reveals_per_user, limits.reveal_wait.total_seconds()),
    )


def _local_accounts(
    settings: Settings, transport: Transport, passwords: Passwords, reviews: KubeReviews, departure: Departure
) -> LocalAccounts | None:
    local, namespace = settings.identity.local, settings.kubernetes.namespace
    if not local.enabled:
        return None
    accounts, keys, back_off = Accounts(transport, namespace), KeyRing(SigningKeys(transport, namespace)), BackOff()
    tokens = LocalTokens(local, keys, accounts)
    return LocalAccounts(
        way=Remembering(tokens),
        keys=keys,
        sign_in=SignIn(
            accounts, passwords, tokens, back_off, prefix=local.prefix, session_lifetime=local.session_lifetime
        ),
        administration=AccountAdministration(accounts, passwords, reviews, back_off, departure, local.prefix),
    )


def _ways_in(settings: Settings, transport: Transport, local_accounts: LocalAccounts | None) -> Authenticator:
    """Who may come in how; a way that is off is closed, not left to another one."""
    local, cluster = settings.identity.local, settings.identity.kubernetes
    reviewed: WayIn | None = None
    if cluster.enabled:
        tokens_of_cluster = ClusterTokens(TokenReviewer(transport), local.prefix)
        reviewed = Remembering(tokens_of_cluster, cluster.cache, cluster.refusal_cache)
    issuers: dict[str, WayIn | None] = {each.issuer: _provider(each) for each in settings.identity.oidc.issuers}
    issuers[local.issuer] = None if local_accounts is None else local_accounts.way
    return Authenticator(issuers, reviewed, settings.limits.token_bytes)


def _provider(issuer: OidcIssuer) -> WayIn:
    return Remembering(ProviderTokens(issuer, ProviderKeys(issuer, HttpsDocuments(issuer.ca_file))))
