"""Which controller keeps a Secret: the marks of each, what is no mark, and who counts where there are several."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.managed_by import Controller, ManagedBy, Reverts, managed_by
from app.domain.secret import Owner, Writer
from tests.unit.sample import metadata

ES = "external-secrets.io"
HELM_MARKS: dict[str, Any] = {
    "labels": {"app.kubernetes.io/managed-by": "Helm"},
    "annotations": {"meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "apps"},
}
KUSTOMIZATION = {"kustomize.toolkit.fluxcd.io/name": "shop", "kustomize.toolkit.fluxcd.io/namespace": "flux"}
HELM_RELEASE = {"helm.toolkit.fluxcd.io/name": "shop", "helm.toolkit.fluxcd.io/namespace": "flux"}
INSTANCE = {"app.kubernetes.io/instance": "shop"}
MANAGED = {"reconcile.external-secrets.io/managed": "true"}
TRACKED = {"argocd.argoproj.io/tracking-id": "shop:/Secret:demo-project/demo"}
SEALED = {"sealedsecrets.bitnami.com/managed": "true"}
PATCHED = {"sealedsecrets.bitnami.com/patch": "true"}
REFLECTS = {"reflector.v1.k8s.emberstack.com/reflects": "source/demo"}

YES, MAYBE = Reverts.YES, Reverts.MAYBE
CASES: dict[str, tuple[dict[str, Any], tuple[Controller, str, Reverts]]] = {
    "creationPolicy Owner": (
        {"owner": Owner(ES, "ExternalSecret", "db"), "labels": MANAGED},
        (Controller.EXTERNAL_SECRETS, "ExternalSecret db", YES),
    ),
    "creationPolicy Orphan or Merge": ({"labels": MANAGED}, (Controller.EXTERNAL_SECRETS, "", MAYBE)),
    "creationPolicy Merge, by who wrote": (
        {"writers": (Writer("kubectl", applies=False), Writer(f"externalsecrets.{ES}/db", applies=False))},
        (Controller.EXTERNAL_SECRETS, "ExternalSecret db", MAYBE),
    ),
    "an ExternalSecret whose name is too long to be written": (
        {"writers": (Writer(f"externalsecrets.{ES}/sha3/ab12", applies=True),)},
        (Controller.EXTERNAL_SECRETS, "", MAYBE),
    ),
    "a SealedSecret": (
        {"owner": Owner("bitnami.com", "SealedSecret", "demo")},
        (Controller.SEALED_SECRETS, "SealedSecret demo", YES),
    ),
    "a SealedSecret that adds to it": (
        {"owner": Owner("bitnami.com", "SealedSecret", "demo"), "annotations": PATCHED},
        (Controller.SEALED_SECRETS, "SealedSecret demo", MAYBE),
    ),
    "a SealedSecret that took it over": (
        {"annotations": SEALED},
        (Controller.SEALED_SECRETS, "SealedSecret demo", YES),
    ),
    "a SealedSecret that patches what it does not own": (
        {"annotations": PATCHED},
        (Controller.SEALED_SECRETS, "SealedSecret demo", MAYBE),
    ),
    "a Certificate": (
        {"annotations": {"cert-manager.io/certificate-name": "web"}},
        (Controller.CERT_MANAGER, "Certificate web", YES),
    ),
    "a Certificate that owns it": (
        {"owner": Owner("cert-manager.io", "Certificate", "web")},
        (Controller.CERT_MANAGER, "Certificate web", YES),
    ),
    "a Certificate, by who wrote": (
        {"writers": (Writer("cert-manager-certificates-issuing", applies=True),)},
        (Controller.CERT_MANAGER, "", YES),
    ),
    "a mirror": ({"annotations": REFLECTS}, (Controller.REFLECTOR, "Secret source/demo", MAYBE)),
    "a Kustomization": ({"labels": KUSTOMIZATION}, (Controller.FLUX, "Kustomization flux/shop", YES)),
    "a HelmRelease": (
        {"labels": {**HELM_RELEASE, **HELM_MARKS["labels"]}, "annotations": HELM_MARKS["annotations"]},
        (Controller.FLUX, "HelmRelease flux/shop", MAYBE),
    ),
    "Flux, by who wrote": ({"writers": (Writer("kustomize-controller", applies=True),)}, (Controller.FLUX, "", YES)),
    "Flux and Helm, by who wrote": (
        {"writers": (Writer("helm-controller", applies=False),)},
        (Controller.FLUX, "", MAYBE),
    ),
    "an Application, by annotation": ({"annotations": TRACKED}, (Controller.ARGO_CD, "Application shop", MAYBE)),
    "an Application, by a label of its own": (
        {"labels": {"argocd.argoproj.io/instance": "shop"}},
        (Controller.ARGO_CD, "Application shop", MAYBE),
    ),
    "an Application, by the common label and who wrote": (
        {"labels": INSTANCE, "writers": (Writer("argocd-controller", applies=False),)},
        (Controller.ARGO_CD, "Application shop", MAYBE),
    ),
    "Argo CD, by who wrote": (
        {"writers": (Writer("argocd-controller", applies=True),)},
        (Controller.ARGO_CD, "", MAYBE),
    ),
    "a federated project": (
        {"labels": {"kubefed.io/managed": "true"}},
        (Controller.KUBEFED, "FederatedSecret demo", YES),
    ),
    "a release": (HELM_MARKS, (Controller.HELM, "release apps/shop", MAYBE)),
    "a release of no namespace": (
        {**HELM_MARKS, "annotations": {"meta.helm.sh/release-name": "shop"}},
        (Controller.HELM, "release shop", MAYBE),
    ),
    "a hook of a release": ({"writers": (Writer("helm", applies=False),)}, (Controller.HELM, "", MAYBE)),
    "any other owner": (
        {"owner": Owner("secrets.hashicorp.com", "VaultStaticSecret", "db")},
        (Controller.OTHER, "VaultStaticSecret db", MAYBE),
    ),
    "an owner of a known kind in another group": (
        {"owner": Owner("example.com", "SealedSecret", "db")},
        (Controller.OTHER, "SealedSecret db", MAYBE),
    ),
    "any other that applies": (
        {"writers": (Writer("robot", applies=True),)},
        (Controller.OTHER, "field manager robot", MAYBE),
    ),
}


@pytest.mark.parametrize(("fields", "expected"), CASES.values(), ids=CASES)
def test_each_controller_is_known_by_its_marks(
    fields: dict[str, Any], expected: tuple[Controller, str, Reverts]
) -> None:
    found = managed_by(metadata(**fields))

    assert found is not None
    assert (found.controller, found.source, found.reverts) == expected
    assert found.source in found.edit_at


def test_where_to_make_the_change_is_a_sentence() -> None:
    found = managed_by(metadata(owner=Owner(ES, "ExternalSecret", "db")))

    assert found == ManagedBy(
        Controller.EXTERNAL_SECRETS,
        "ExternalSecret db",
        "Change the ExternalSecret db, or the value in the store that it reads.",
        Reverts.YES,
    )


NONE: dict[str, dict[str, Any]] = {
    "nothing": {},
    "made by people": {"writers": (Writer("secretspace", applies=False), Writer("Mozilla", applies=False))},
    "applied by people": {"writers": (Writer("kubectl", applies=True), Writer("kubectl-create", applies=False))},
    "a chart that was rendered, and is no release": {"labels": {**INSTANCE, "app.kubernetes.io/managed-by": "Helm"}},
    "a release that somebody took it out of": {"annotations": HELM_MARKS["annotations"]},
    "tracked somewhere else, and copied": {"annotations": {"argocd.argoproj.io/tracking-id": "shop:/Secret:x/demo"}},
    "tracked as something else": {
        "annotations": {"argocd.argoproj.io/tracking-id": "s:apps/Deployment:demo-project/demo"}
    },
    "tracked by nobody": {"annotations": {"argocd.argoproj.io/tracking-id": ":/Secret:demo-project/demo"}},
    "a source of mirrors": {"annotations": {"reflector.v1.k8s.emberstack.com/reflection-allowed": "true"}},
    "half of Flux's labels": {"labels": {"kustomize.toolkit.fluxcd.io/name": "shop"}},
    "let go by Flux": {
        "labels": KUSTOMIZATION,
        "annotations": {"kustomize.toolkit.fluxcd.io/reconcile": "disabled"},
    },
    "made once by Flux": {"labels": {**KUSTOMIZATION, "kustomize.toolkit.fluxcd.io/ssa": "IfNotPresent"}},
    "not sealed": {"annotations": {"sealedsecrets.bitnami.com/managed": "TRUE"}},
}


@pytest.mark.parametrize("fields", NONE.values(), ids=NONE)
def test_what_only_looks_like_it_is_kept_by_nobody(fields: dict[str, Any]) -> None:
    assert managed_by(metadata(**fields)) is None


@pytest.mark.parametrize(
    ("nearer", "farther", "expected"),
    [
        ({"owner": Owner(ES, "ExternalSecret", "db")}, {"annotations": TRACKED}, Controller.EXTERNAL_SECRETS),
        ({"annotations": REFLECTS}, {"labels": KUSTOMIZATION}, Controller.REFLECTOR),
        ({"labels": HELM_RELEASE}, HELM_MARKS, Controller.FLUX),
        (HELM_MARKS, {"owner": Owner("example.com", "Shop", "a")}, Controller.HELM),
        ({"labels": MANAGED}, {"owner": Owner("example.com", "Shop", "a")}, Controller.EXTERNAL_SECRETS),
    ],
)
def test_of_several_the_nearest_is_told(nearer: dict[str, Any], farther: dict[str, Any], expected: Controller) -> None:
    both = {
        "labels": {**farther.get("labels", {}), **nearer.get("labels", {})},
        "annotations": {**farther.get("annotations", {}), **nearer.get("annotations", {})},
    }

    found = managed_by(metadata(**{**farther, **nearer, **both}))

    assert found is not None
    assert found.controller is expected


@pytest.mark.parametrize("name", ["", "a" * 254, "two\nlines", "\x00"])
def test_what_is_no_name_is_not_repeated(name: str) -> None:
    found = managed_by(metadata(owner=Owner("example.com", "Shop", name)))

    assert found == ManagedBy(Controller.OTHER, "", "Change what owns this Secret.", Reverts.MAYBE)


_KEYS = st.sampled_from(
    [
        *KUSTOMIZATION,
        *HELM_RELEASE,
        *INSTANCE,
        *MANAGED,
        *TRACKED,
        *SEALED,
        *PATCHED,
        *REFLECTS,
        *HELM_MARKS["labels"],
        *HELM_MARKS["annotations"],
        "cert-manager.io/certificate-name",
        "kubefed.io/managed",
    ]
)
_TEXTS = st.sampled_from(["true", "Helm", "a/b", "a:b", ":", "/", ""]) | st.text(max_size=300)
_MARKS = st.dictionaries(_KEYS, _TEXTS, max_size=5)
_OWNERS = st.none() | st.builds(Owner, _TEXTS, st.sampled_from(["ExternalSecret", "Certificate", "", "\n"]), _TEXTS)
_WRITERS = st.lists(st.builds(Writer, st.text(max_size=128), st.booleans()), max_size=3).map(tuple)


@given(_MARKS, _MARKS, _OWNERS, _WRITERS)
def test_whatever_the_marks_say_the_answer_is_one_short_line(
    labels: Any, annotations: Any, owner: Any, writers: Any
) -> None:
    found = managed_by(metadata(labels=labels, annotations=annotations, owner=owner, writers=writers))
    told = "" if found is None else found.source + found.edit_at

    assert len(told) < 1200
    assert told == "" or told.isprintable()
