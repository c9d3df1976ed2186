"""Which controller keeps a Secret, told from its metadata: who, where to change it instead, what becomes of an edit.

Nothing but the object itself is looked at, so what cannot be seen on it (whether Argo CD heals by itself, whether an
ExternalSecret merges) is answered as `maybe`. The metadata is whoever's who may write the Secret: a mark made up there
makes writes ask for an override, and widens nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.domain.secret import Metadata, Writer

_MAX_SHOWN: Final = 253
"""Characters of the longest name that is repeated; no Kubernetes name is longer."""


class Controller(StrEnum):
    """Who keeps it; a closed set, `other` for what has no name here."""

    HELM = "helm"
    EXTERNAL_SECRETS = "external-secrets"
    SEALED_SECRETS = "sealed-secrets"
    CERT_MANAGER = "cert-manager"
    ARGO_CD = "argo-cd"
    FLUX = "flux"
    REFLECTOR = "reflector"
    KUBEFED = "kubefed"
    OTHER = "other"


class Reverts(StrEnum):
    """Whether an edit is undone by the controller: surely, sooner or later, or depending on what cannot be seen."""

    YES = "yes"
    MAYBE = "maybe"


@dataclass(frozen=True, slots=True)
class ManagedBy:
    """Who keeps a Secret."""

    controller: Controller
    source: str
    """Kind and name of what it is made from, `""` where that is not to be seen."""
    edit_at: str
    """A sentence: where to make the change instead."""
    reverts: Reverts


def managed_by(metadata: Metadata) -> ManagedBy | None:
    """Who keeps the Secret of this metadata, None where nobody but people does.

    Of several the one that is nearest to the object: what owns it or writes its values comes before what deploys it.
    """
    return next((found for rule in _RULES if (found := rule(metadata)) is not None), None)


def _by_owner(metadata: Metadata) -> ManagedBy | None:
    """Owners that are known; an ExternalSecret is one with creationPolicy Owner, whose edits are all undone.

    Sources: https://external-secrets.io/latest/guides/ownership-deletion-policy/, bitnami-labs/sealed-secrets
    (`pkg/controller`), cert-manager's flag `--enable-certificate-owner-ref`.
    """
    owner = metadata.owner
    if owner is None:
        return None
    match owner.group, owner.kind:
        case "external-secrets.io", "ExternalSecret":
            return _external_secret(owner.name, Reverts.YES)
        case "bitnami.com", "SealedSecret":
            return _sealed_secret(metadata, owner.name)
        case "cert-manager.io", "Certificate":
            return _certificate(owner.name)
        case _:
            return None


def _by_certificate(metadata: Metadata) -> ManagedBy | None:
    """cert-manager annotates what it issues: https://cert-manager.io/docs/reference/annotations/."""
    name = metadata.annotations.get("cert-manager.io/certificate-name")
    return None if name is None else _certificate(name)


def _by_external_secret(metadata: Metadata) -> ManagedBy | None:
    """What has the label and no owner is of creationPolicy Orphan (all is undone) or Merge (its own keys are).

    Source: external-secrets, `apis/externalsecrets/v1` (`LabelManaged`) and `fieldOwnerTemplate` of its controller.
    """
    names = [writer.name.removeprefix(_EXTERNAL) for writer in metadata.writers if writer.name.startswith(_EXTERNAL)]
    labelled = metadata.labels.get("reconcile.external-secrets.io/managed") == "true"
    readable = next((name for name in names if not name.startswith("sha3/")), "")  # long names are written as a hash
    return _external_secret(readable, Reverts.MAYBE) if names or labelled else None


def _by_sealed_secret(metadata: Metadata) -> ManagedBy | None:
    """What was there before the SealedSecret is taken over, or patched, where it says so.

    Source: https://github.com/bitnami-labs/sealed-secrets#managing-existing-secrets, which has the two annotations.
    """
    marks = (f"sealedsecrets.bitnami.com/{mark}" for mark in ("managed", "patch"))
    if not any(metadata.annotations.get(mark) == "true" for mark in marks):
        return None
    return _sealed_secret(metadata, metadata.name)  # a SealedSecret has the name of its Secret


def _by_reflector(metadata: Metadata) -> ManagedBy | None:
    """A mirror is written again when its source changes: https://github.com/emberstack/kubernetes-reflector#readme."""
    text = metadata.annotations.get("reflector.v1.k8s.emberstack.com/reflects")
    if not text:
        return None
    source = _of("Secret", text)
    return ManagedBy(Controller.REFLECTOR, source, f"Change the {source}, which this one mirrors.", Reverts.MAYBE)


def _by_flux(metadata: Metadata) -> ManagedBy | None:
    """Kustomizations are applied at every interval; HelmReleases correct drift only where that is switched on.

    Sources: https://fluxcd.io/flux/components/kustomize/kustomizations/ (also for the annotations that let an edit
    stand), https://fluxcd.io/flux/components/helm/helmreleases/#drift-detection.
    """
    kustomization = _labelled(metadata, "kustomize.toolkit.fluxcd.io")
    if kustomization and not _let_go_by_flux(metadata):
        return _flux("Kustomization", kustomization, Reverts.YES)
    release = _labelled(metadata, "helm.toolkit.fluxcd.io")
    return _flux("HelmRelease", release, Reverts.MAYBE) if release else None


def _by_argo_cd(metadata: Metadata) -> ManagedBy | None:
    """Tracked by annotation, which counts only on the object that it names, or by a label of its own.

    The label `app.kubernetes.io/instance` is set by most charts: it counts only where Argo CD has written the values.
    Source: https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/.
    """
    tracked, _, target = metadata.annotations.get("argocd.argoproj.io/tracking-id", "").partition(":")
    if tracked and target == f"/Secret:{metadata.namespace}/{metadata.name}":
        return _argo_cd(tracked)
    labelled = metadata.labels.get("argocd.argoproj.io/instance")
    if labelled:
        return _argo_cd(labelled)
    wrote = any(writer.name == _ARGO_CD for writer in metadata.writers)
    return _argo_cd(metadata.labels.get("app.kubernetes.io/instance", "")) if wrote else None


def _by_kubefed(metadata: Metadata) -> ManagedBy | None:
    """Propagated from a host cluster, where KubeSphere keeps projects of several clusters."""
    if metadata.labels.get("kubefed.io/managed") != "true":
        return None
    source = _of("FederatedSecret", metadata.name)
    return ManagedBy(Controller.KUBEFED, source, f"Change the {source} in the host cluster.", Reverts.YES)


def _by_helm(metadata: Metadata) -> ManagedBy | None:
    """Part of a release, by the marks that Helm itself goes by; an upgrade writes what the chart says.

    Source: helm.sh/helm `pkg/action/validate.go` (`checkOwnership`).
    """
    release = metadata.annotations.get("meta.helm.sh/release-name")
    if not release or metadata.labels.get("app.kubernetes.io/managed-by") != "Helm":
        return None
    namespace = metadata.annotations.get("meta.helm.sh/release-namespace", "")
    return _helm(f"{namespace}/{release}" if namespace else release)


def _by_other_owner(metadata: Metadata) -> ManagedBy | None:
    """Any other owner that controls it may write it whenever it likes."""
    if metadata.owner is None:
        return None
    source = _of(metadata.owner.kind, metadata.owner.name)
    where = f"Change the {source}, which owns this Secret." if source else "Change what owns this Secret."
    return ManagedBy(Controller.OTHER, source, where, Reverts.MAYBE)


def _by_writer(metadata: Metadata) -> ManagedBy | None:
    """Who wrote the values, by the manager's name, where nothing else tells.

    Names that are not known count only if they apply (https://kubernetes.io/docs/reference/using-api/server-side-apply/):
    an applier keeps asserting its fields, while anybody may have updated them once.
    """
    return next((found for writer in metadata.writers if (found := _of_writer(writer)) is not None), None)


def _of_writer(writer: Writer) -> ManagedBy | None:
    known = next((make for name, make in _WRITERS.items() if writer.name.startswith(name)), None)
    if known is not None:
        return known()
    if not writer.applies or writer.name.startswith("kubectl"):
        return None  # kubectl applies in the hands of people
    source = _of("field manager", writer.name)
    return ManagedBy(Controller.OTHER, source, f"Change it where the {source} applies it from.", Reverts.MAYBE)


_Rule = Callable[[Metadata], ManagedBy | None]
_EXTERNAL: Final = "externalsecrets.external-secrets.io/"
_ARGO_CD: Final = "argocd-controller"
_RULES: Final[tuple[_Rule, ...]] = (
    _by_owner,
    _by_certificate,
    _by_external_secret,
    _by_sealed_secret,
    _by_reflector,
    _by_flux,
    _by_argo_cd,
    _by_kubefed,
    _by_helm,
    _by_other_owner,
    _by_writer,
)


def _external_secret(name: str, reverts: Reverts) -> ManagedBy:
    source = _of("ExternalSecret", name)
    where = f"Change the {source or 'ExternalSecret'}, or the value in the store that it reads."
    return ManagedBy(Controller.EXTERNAL_SECRETS, source, where, reverts)


def _sealed_secret(metadata: Metadata, name: str) -> ManagedBy:
    source = _of("SealedSecret", name)
    patched = metadata.annotations.get("sealedsecrets.bitnami.com/patch") == "true"  # keys it lacks are left alone
    where = f"Seal the new values, and change the {source}."
    return ManagedBy(Controller.SEALED_SECRETS, source, where, Reverts.MAYBE if patched else Reverts.YES)


def _certificate(name: str) -> ManagedBy:
    source = _of("Certificate", name)
    where = f"Change the {source or 'Certificate'}; cert-manager writes this Secret at each renewal."
    return ManagedBy(Controller.CERT_MANAGER, source, where, Reverts.YES)


def _flux(kind: str, name: str, reverts: Reverts) -> ManagedBy:
    source = _of(kind, name)
    return ManagedBy(Controller.FLUX, source, f"Change what the {source or kind} takes it from.", reverts)


def _argo_cd(application: str) -> ManagedBy:
    source = _of("Application", application)
    where = f"Change what the {source or 'Application'} takes it from."
    return ManagedBy(Controller.ARGO_CD, source, where, Reverts.MAYBE)


def _helm(release: str) -> ManagedBy:
    source = _of("release", release)
    where = f"Change the values of the {source or 'release'}, and upgrade it."
    return ManagedBy(Controller.HELM, source, where, Reverts.MAYBE)


_WRITERS: Final[Mapping[str, Callable[[], ManagedBy]]] = {
    "kustomize-controller": lambda: _flux("Kustomization", "", Reverts.YES),
    "helm-controller": lambda: _flux("HelmRelease", "", Reverts.MAYBE),
    "cert-manager-": lambda: _certificate(""),
    "helm": lambda: _helm(""),
}
"""By how the manager's name begins; those of External Secrets and Argo CD have rules of their own."""


def _labelled(metadata: Metadata, prefix: str) -> str:
    """Namespace and name in the two labels that each of Flux's controllers sets, `""` where they are not both there."""
    namespace, name = (metadata.labels.get(f"{prefix}/{part}", "") for part in ("namespace", "name"))
    return f"{namespace}/{name}" if namespace and name else ""


def _let_go_by_flux(metadata: Metadata) -> bool:
    """Whether Flux made it and does not write it again; both may stand as label or annotation."""
    marks = {**metadata.labels, **metadata.annotations}
    policy = marks.get("kustomize.toolkit.fluxcd.io/ssa", "").lower()
    return marks.get("kustomize.toolkit.fluxcd.io/reconcile") == "disabled" or policy in {"ifnotpresent", "ignore"}


def _of(kind: str, name: str) -> str:
    """Kind and name as one text, `""` where either is missing or is none that could be shown."""
    shown = all(part and len(part) <= _MAX_SHOWN and part.isprintable() for part in (kind, name))
    return f"{kind} {name}" if shown else ""
