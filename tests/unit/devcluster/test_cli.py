"""`python -m devcluster`."""

import subprocess
import sys


def devcluster(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "devcluster", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_the_pinned_versions_are_listed() -> None:
    done = devcluster("versions")

    assert done.stdout == "1.37.2 (default)\n1.36.3\n"
    assert done.returncode == 0


def test_a_failure_is_one_sentence_and_a_status() -> None:
    done = devcluster("run", "--kubernetes", "1.2")

    assert done.stderr == "Error: Kubernetes 1.2 is not pinned here; known: 1.37.2, 1.36.3.\n"
    assert done.returncode == 1
