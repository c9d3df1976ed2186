"""Secrets that programs keep or made, with the marks that they leave; immutable ones; types of others."""

import base64
import gzip
import json
from typing import Any, Final

from tests.data.certificate import PAIR
from tests.data.shape import Shape, Shapes, canary

_UID: Final = "0b5b0e6c-7e4c-4f5e-9d3a-2f6f0c9a1d11"


def owned(group: str, kind: str, **more: Any) -> Shape:
    """One that has an owner, of a kind that this cluster does not know, so that nobody collects it."""
    owner = {"apiVersion": f"{group}/v1", "kind": kind, "name": "db", "uid": _UID, "controller": True}
    return Shape({"password": canary()}, owners=(owner | {"blockOwnerDeletion": True},), **more)


_RELEASE: Final = base64.b64encode(
    gzip.compress(json.dumps({"name": "shop", "config": {"password": canary()}}).encode(), mtime=0) + canary().encode()
)
_VALUE: Final = canary()
_APPLIED: Final = json.dumps({"kind": "Secret", "data": {"k": base64.b64encode(_VALUE.encode()).decode()}})

KEPT: Final[Shapes] = {
    "a release of Helm": Shape(
        {"release": _RELEASE},
        "helm.sh/release.v1",
        labels={"owner": "helm", "name": "shop", "status": "deployed", "version": "1", "modifiedAt": "1700000000"},
    ),
    "part of a release of Helm": Shape(
        {"password": canary()},
        labels={"app.kubernetes.io/managed-by": "Helm", "helm.sh/chart": "shop-1.0.0_1"},
        annotations={"meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "apps"},
    ),
    "one that a SealedSecret owns": owned("bitnami.com", "SealedSecret"),
    "one that an ExternalSecret owns": owned(
        "external-secrets.io",
        "ExternalSecret",
        labels={"reconcile.external-secrets.io/managed": "true"},
        annotations={"reconcile.external-secrets.io/data-hash": "5f4dcc3b"},
    ),
    "one that an operator of its own owns": owned("acid.zalan.do", "postgresql"),
    "one of cert-manager": Shape(
        {"tls.crt": PAIR.certificate, "tls.key": PAIR.private_key, "ca.crt": PAIR.ca_certificate},
        "kubernetes.io/tls",
        labels={"controller.cert-manager.io/fao": "true"},
        annotations={"cert-manager.io/certificate-name": "web", "cert-manager.io/alt-names": "a.example.com,b"},
    ),
    "one that Argo CD tracks": Shape(
        {"k": canary()},
        labels={"argocd.argoproj.io/instance": "shop"},
        annotations={"argocd.argoproj.io/sync-wave": "-1"},
    ),
    "one of a Flux Kustomization": Shape(
        {"k": canary()},
        labels={"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"},
    ),
    "a mirror of Reflector": Shape(
        {"k": canary()}, annotations={"reflector.v1.k8s.emberstack.com/reflects": "source/demo"}
    ),
    "one that kubectl applied": Shape(
        {"k": _VALUE}, annotations={"kubectl.kubernetes.io/last-applied-configuration": _APPLIED}
    ),
    "one of Rancher": Shape({"k": _VALUE}, annotations={"objectset.rio.cattle.io/applied": _APPLIED}),
    "one of KubeSphere": Shape(
        {"k": canary()},
        annotations={
            "kubesphere.io/alias-name": "Für alle",
            "kubesphere.io/description": 'two\nlines: "x" # y',
            "kubesphere.io/creator": "admin",
        },
    ),
    "annotations that hold the value": Shape({"k": _VALUE}, annotations={"note": f"it is {_VALUE}", "other": _APPLIED}),
    "annotations with all that they may have": Shape(
        {"k": canary()},
        labels={"empty": "", "Upper_Case.x": "Y-1.0", "example.com/yes": "no", "null": "1"},
        annotations={"Example.COM/Upper": "\ufeff\u2028ä😀\x85", "empty": "", "control": "a\tb\r\n\x7f\x01", "n": "1"},
    ),
    "an immutable one": Shape({"k": canary(), "bytes": b"\xff\x00"}, immutable=True),
    "an immutable pair": Shape(
        {"tls.crt": PAIR.certificate, "tls.key": PAIR.private_key}, "kubernetes.io/tls", immutable=True
    ),
    "a type that nobody knows": Shape({"k": canary(), "der": PAIR.der}, "example.com/Some Type; v=1"),
    "a type of Istio": Shape(
        {"cert-chain.pem": PAIR.certificate, "key.pem": PAIR.private_key}, "istio.io/key-and-cert"
    ),
}
