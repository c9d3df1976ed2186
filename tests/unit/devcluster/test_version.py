"""Which Kubernetes a name means."""

import pytest

from devcluster import resolve_version
from devcluster.errors import UnknownVersionError
from devcluster.version import DEFAULT_VERSION, VERSIONS_DIR, known_versions


@pytest.mark.parametrize("asked", ["1.36", "1.36.3", "v1.36.3"])
def test_a_minor_and_its_patch_both_mean_the_pinned_patch(asked: str) -> None:
    assert resolve_version(asked, {}) == "1.36.3"


def test_nothing_means_the_default() -> None:
    assert resolve_version(None, {}) == DEFAULT_VERSION


def test_nothing_means_what_the_environment_names() -> None:
    assert resolve_version(None, {"KUBERNETES": "1.36"}) == "1.36.3"


def test_an_empty_variable_means_the_default() -> None:
    assert resolve_version(None, {"KUBERNETES": ""}) == DEFAULT_VERSION


def test_what_is_asked_wins_over_the_environment() -> None:
    assert resolve_version("1.37", {"KUBERNETES": "1.36"}) == "1.37.2"


@pytest.mark.parametrize("asked", ["1", "1.3", "1.36.9", "1.360", "latest"])
def test_an_unknown_version_is_refused_and_the_known_ones_are_named(asked: str) -> None:
    with pytest.raises(UnknownVersionError) as refused:
        resolve_version(asked, {})

    assert str(refused.value) == f"Kubernetes {asked} is not pinned here; known: 1.37.2, 1.36.3."


def test_the_newest_version_is_listed_first_and_is_the_default() -> None:
    assert known_versions()[0] == DEFAULT_VERSION


@pytest.mark.parametrize("version", known_versions())
def test_every_pinned_version_requires_the_kubernetes_that_it_is_named_after(version: str) -> None:
    go_mod = (VERSIONS_DIR / version / "kubernetes" / "go.mod").read_text()

    assert f"k8s.io/kubernetes v{version}\n" in go_mod.replace(" // indirect", "")
