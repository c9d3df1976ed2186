"""`secretspace doctor` as an operator runs it, where nothing is wrong."""

import asyncio
import json
from pathlib import Path

from tests.contract.doctor.conftest import Doctor, Installation, binding, run_doctor, user

CHECKS = {
    *("kubernetes", "profile", "manifests", "project-roles", "account-bindings", "account-secrets"),
    *("platform-admins", "reserved-users", "projects", "workspaces"),
}


async def test_a_healthy_installation_passes_every_check_strictly(doctor: Doctor, installation: Installation) -> None:
    done = await doctor.run("--json", "--strict")
    document = json.loads(done.stdout)

    assert done.exit_code == 0
    assert document["profile"] == installation.cluster.profile
    assert document["kubernetes"].startswith("v1.")
    assert {finding["check"] for finding in document["findings"]} == CHECKS
    assert {finding["severity"] for finding in document["findings"]} == {"ok"}


async def test_the_table_says_the_same_and_which_profile_is_in_force(
    doctor: Doctor, installation: Installation
) -> None:
    done = await doctor.run()

    assert done.exit_code == 0
    assert all(check in done.stdout for check in CHECKS)
    assert f"Profile in force: {installation.cluster.profile}. 0 error, 0 unknown, 0 warning, " in done.stdout
    assert "\x1b" not in done.stdout  # it is no terminal, so there is no colour


async def test_the_context_of_a_kubeconfig_is_chosen_and_an_unknown_one_is_told_in_a_sentence(
    installation: Installation,
) -> None:
    kubeconfig = str(installation.cluster.plane.kubeconfig)

    done = await asyncio.to_thread(run_doctor, "--context", "nowhere", KUBECONFIG=kubeconfig)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("secretspace: No cluster")


async def test_where_the_service_was_put_elsewhere_nothing_is_there(doctor: Doctor) -> None:
    done = await doctor.run("--json", "--namespace", "elsewhere", "--service-account", "other")
    document = json.loads(done.stdout)
    errors = {each["subject"]: each["message"] for each in document["findings"] if each["severity"] == "error"}

    assert done.exit_code == 1
    assert document["profile"] == "none"
    assert {"Namespace elsewhere", "ServiceAccount elsewhere/other", "Role elsewhere/secretspace:accounts"} < set(
        errors
    )
    assert "does not name ServiceAccount elsewhere/other" in errors["ClusterRoleBinding secretspace:service"]


async def test_names_that_could_steer_a_terminal_are_shown_harmlessly(
    doctor: Doctor, installation: Installation
) -> None:
    anybody = binding("odd", "cluster-admin", user("a\x1b[31mb"))

    async with installation.with_object(anybody):
        done = await doctor.run()

    assert done.exit_code == 0  # a warning
    assert "\x1b" not in done.stdout
    assert "\\u001b" in done.stdout


def test_a_kubeconfig_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    done = run_doctor("--kubeconfig", str(tmp_path / "none"))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("secretspace: No cluster")
