"""The Kubernetes objects that the service needs, as they stand in `deploy/manifests/`."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import yaml

_PACKAGED: Final = Path(__file__).parent / "deploy"
_IN_REPOSITORY: Final = Path(__file__).parent.parent / "deploy" / "manifests"

_BEFORE_PROFILE: Final = (
    *("namespace", "workspace-crd", "project-roles", "platform-roles"),
    *("admission-policy", "service"),  # held before it is allowed
)
_CONSTRAINED_SINCE: Final = (1, 36)


class Profile(StrEnum):
    """How the service is allowed to act as its callers."""

    CONSTRAINED = "constrained"
    """As any user, for the listed requests only; Kubernetes 1.36 and newer."""
    CLASSIC = "classic"
    """As any user in any group, on every API; for older versions."""


def profile_for(version: str) -> Profile:
    """The narrowest profile that a Kubernetes version (such as "1.37.2") knows."""
    major, minor, *_ = version.split(".")
    return Profile.CONSTRAINED if (int(major), int(minor)) >= _CONSTRAINED_SINCE else Profile.CLASSIC


def manifest_files(profile: Profile) -> list[Path]:
    """All files of a profile, in the order in which they are to be applied."""
    folder = _PACKAGED if _PACKAGED.is_dir() else _IN_REPOSITORY
    return [folder / f"{name}.yaml" for name in (*_BEFORE_PROFILE, f"impersonation-{profile}")]


def manifest_stream(profile: Profile) -> str:
    """All files of a profile as one YAML stream, comments and all."""
    return "---\n".join(path.read_text(encoding="utf-8") for path in manifest_files(profile))


def manifest_objects(profile: Profile) -> Iterator[dict[str, Any]]:
    """All objects of a profile, in the order in which they are to be applied."""
    yield from yaml.safe_load_all(manifest_stream(profile))
