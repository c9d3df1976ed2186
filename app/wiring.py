"""The only place that joins services to adapters."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from app.domain.call import Caller
from app.identity.authenticator import Authenticator
from app.identity.cluster_token import ClusterTokens
from app.identity.local import LocalTokens
from app.identity.password import Passwords
from app.identity.sign_in import SignIn
from app.identity.signing import KeyRing
from app.identity.way_in import Remembering, WayIn
from app.k8s.account import Accounts
from app.k8s.credentials import Credentials
from app.k8s.namespace import NamespaceIndex
from app.k8s.readiness import KubeReadiness
from app.k8s.review import KubeReviews
from app.k8s.secret import KubeSecrets
from app.k8s.signing_key import SigningKeys
from app.k8s.token_review import TokenReviewer
from app.k8s.transport import Transport, UpstreamObserver, open_transport
from app.k8s.workspace import KubeWorkspaces
from app.services.port import RevealRecorder
from app.services.reveal_gate import RevealGate
from app.services.rights import Rights
from app.services.secret_reading import SecretReader
from app.services.secret_validation import SecretValidator
from app.services.secret_writing import SecretPolicy, SecretWriter
from app.services.tenancy import Tenancy
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that lives as long as the process; what a request needs is made for its caller."""

    settings: Settings
    authenticator: Authenticator
    sign_in: SignIn | None
    """None where local accounts are off."""
    tenancy: Tenancy
    readiness: KubeReadiness
    _secrets: KubeSecrets = field(repr=False)
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

    def validator(self, caller: Caller) -> SecretValidator:
        """Judges drafts of Secrets as the caller."""
        return SecretValidator(self.writer(caller))


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
        yield _join(settings, transport, index, recorder, passwords)


def _join(
    settings: Settings, transport: Transport, index: NamespaceIndex, recorder: RevealRecorder, passwords: Passwords
) -> Services:
    rights = Rights(KubeReviews(transport))
    hidden = frozenset({settings.kubernetes.namespace, *settings.kubernetes.hidden_namespaces})
    limits = settings.limits
    authenticator, sign_in = _ways_in(settings, transport, passwords)
    return Services(
        settings=settings,
        authenticator=authenticator,
        sign_in=sign_in,
        tenancy=Tenancy(index, KubeWorkspaces(transport), rights, settings.tenancy.cluster_workspace, hidden),
        readiness=KubeReadiness(transport),
        _secrets=KubeSecrets(transport, settings.secrets.hidden_annotations),
        _recorder=recorder,
        _gate=RevealGate(limits.reveals, limits.reveals_per_user, limits.reveal_wait.total_seconds()),
    )


def _ways_in(settings: Settings, transport: Transport, passwords: Passwords) -> tuple[Authenticator, SignIn | None]:
    """Who may come in how; a way that is off is closed, not left to another one."""
    local, cluster = settings.identity.local, settings.identity.kubernetes
    way: WayIn | None = None
    sign_in = None
    if local.enabled:
        accounts = Accounts(transport, settings.kubernetes.namespace)
        tokens = LocalTokens(local, KeyRing(SigningKeys(transport, settings.kubernetes.namespace)), accounts)
        way = Remembering(tokens)
        sign_in = SignIn(accounts, passwords, tokens, local.prefix)
    reviewed: WayIn | None = None
    if cluster.enabled:
        tokens_of_cluster = ClusterTokens(TokenReviewer(transport), local.prefix)
        reviewed = Remembering(tokens_of_cluster, cluster.cache, cluster.refusal_cache)
    return Authenticator({local.issuer: way}, reviewed, settings.limits.token_bytes), sign_in
