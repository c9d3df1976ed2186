from pathlib import Path

import pytest

from app.dev.failure import OlderKubernetesError
from app.dev.home import DevHome


@pytest.mark.parametrize("version", ["1.37.2", "1.37.0", "1.38.0"])
def test_the_same_minor_version_and_newer_ones_may_use_the_data(tmp_path: Path, version: str) -> None:
    home = DevHome(tmp_path / "dev")
    home.admit("1.37.2")

    home.admit(version)

    assert (home.root / "kubernetes-version").read_text() == version


def test_an_older_minor_version_is_refused_and_the_note_stays(tmp_path: Path) -> None:
    home = DevHome(tmp_path / "dev")
    home.admit("1.37.2")

    with pytest.raises(OlderKubernetesError, match=r"last used by Kubernetes 1\.37\.2.*remove that folder"):
        home.admit("1.36.3")

    assert (home.root / "kubernetes-version").read_text() == "1.37.2"


def test_the_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    home = DevHome(tmp_path / "dev")

    home.admit("1.37.2")

    assert home.root.stat().st_mode & 0o777 == 0o700
