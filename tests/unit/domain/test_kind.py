import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.kind import REQUIRED_KEYS, Kind, kind_of


@pytest.mark.parametrize(
    ("secret_type", "kind"),
    [
        ("", Kind.DEFAULT),
        ("Opaque", Kind.DEFAULT),
        ("kubernetes.io/tls", Kind.TLS),
        ("kubernetes.io/dockerconfigjson", Kind.IMAGE_REGISTRY),
        ("kubernetes.io/dockercfg", Kind.IMAGE_REGISTRY),
        ("kubernetes.io/basic-auth", Kind.ACCOUNT_PASSWORD),
        ("kubernetes.io/ssh-auth", Kind.SSH_AUTH),
        ("kubernetes.io/service-account-token", Kind.SERVICE_ACCOUNT_TOKEN),
        ("bootstrap.kubernetes.io/token", Kind.CUSTOM),
        ("helm.sh/release.v1", Kind.CUSTOM),
        ("opaque", Kind.CUSTOM),
        (" ", Kind.CUSTOM),
    ],
)
def test_every_type_has_a_kind(secret_type: str, kind: Kind) -> None:
    assert kind_of(secret_type) is kind


@given(st.text())
def test_what_has_no_kind_of_its_own_is_custom(text: str) -> None:
    assert kind_of("x-" + text) is Kind.CUSTOM


def test_types_with_required_keys_have_a_kind_that_names_these_keys() -> None:
    assert {kind_of(secret_type) for secret_type in REQUIRED_KEYS} == {Kind.TLS, Kind.IMAGE_REGISTRY, Kind.SSH_AUTH}
