"""`secretspace accounts` with just the credential that the service has."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.domain.account import PlatformRole
from app.domain.call import Trace
from app.identity.password import Passwords
from app.identity.signing import KeyRing, decode_keys
from app.k8s.account import Accounts
from app.k8s.signing_key import SigningKeys
from app.k8s.transport import Transport
from tests.contract.dev.conftest import DevCluster

ROOT = Path(__file__).parents[3]


def _bootstrap(kubeconfig: Path, *arguments: str, password: str = "") -> subprocess.CompletedProcess[str]:
    return _accounts(kubeconfig, "bootstrap", *arguments, password=password)


def _accounts(kubeconfig: Path, *arguments: str, password: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "accounts", *arguments],
        env={**os.environ, "SECRETSPACE_KUBERNETES__KUBECONFIG": str(kubeconfig)},
        cwd=ROOT,
        input=password,
        capture_output=True,
        text=True,
        check=False,
    )


async def test_the_first_account_is_a_platform_admin_whose_password_is_printed_once(
    cluster: DevCluster, service: Transport
) -> None:
    done = await asyncio.to_thread(_bootstrap, cluster.home.service_kubeconfig, "first")
    account = await Accounts(service, "secretspace-system").get(
        "first", Trace("t", asyncio.get_running_loop().time() + 9)
    )

    assert (done.returncode, done.stderr) == (0, "The account first is made.\n")
    assert account is not None
    assert account.platform_roles == {PlatformRole.PLATFORM_ADMIN}
    assert await Passwords().verify(done.stdout.strip(), account.password_hash)


def test_a_password_from_standard_input_is_not_printed(cluster: DevCluster) -> None:
    done = _bootstrap(
        cluster.home.service_kubeconfig, "second", "--password-file", "-", password="canary-of-a-password\n"
    )

    assert (done.returncode, done.stdout) == (0, "")
    assert "canary" not in done.stderr


def test_rules_hold_for_a_password_from_a_file(cluster: DevCluster) -> None:
    done = _bootstrap(cluster.home.service_kubeconfig, "third", "--password-file", "-", password="canary\n")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("secretspace: ")
    assert "canary" not in done.stderr


@pytest.mark.parametrize(
    ("option", "status", "said"), [((), 1, "secretspace: The account"), (("--if-absent",), 0, "The account")]
)
def test_an_account_that_is_there_stays_as_it_is(
    cluster: DevCluster, option: tuple[str, ...], status: int, said: str
) -> None:
    done = _bootstrap(cluster.home.service_kubeconfig, "project-regular", *option)

    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr == f"{said} project-regular is there already.\n"


def test_where_no_cluster_answers_it_is_said_in_one_sentence(tmp_path: Path, cluster: DevCluster) -> None:
    elsewhere = tmp_path / "kubeconfig"
    text = cluster.home.service_kubeconfig.read_text()
    elsewhere.write_text(text.replace(cluster.plane.url, "https://127.0.0.1:9"))

    done = _bootstrap(elsewhere, "fourth")

    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr == "secretspace: The Kubernetes API server cannot be reached, or does not accept the credential.\n"
    )


async def test_a_new_key_is_added_in_front_and_signs_later(cluster: DevCluster, service: Transport) -> None:
    store, trace = SigningKeys(service, "secretspace-system"), Trace("t", asyncio.get_running_loop().time() + 60)
    signer = await KeyRing(store).signer(trace)
    done = await asyncio.to_thread(_accounts, cluster.home.service_kubeconfig, "rotate-keys")
    keys = decode_keys(await store.read(trace) or b"")

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"The key {keys[0].kid} signs from {keys[0].signs_from.isoformat()} on.\n"
    assert keys[1].kid == signer.kid == (await KeyRing(store).signer(trace)).kid


async def test_revoking_leaves_only_a_new_key(cluster: DevCluster, service: Transport) -> None:
    store, trace = SigningKeys(service, "secretspace-system"), Trace("t", asyncio.get_running_loop().time() + 60)
    before = {key.kid for key in await KeyRing(store).keys(trace)}
    done = await asyncio.to_thread(_accounts, cluster.home.service_kubeconfig, "rotate-keys", "--revoke")
    (key,) = decode_keys(await store.read(trace) or b"")

    assert done.returncode == 0
    assert key.kid not in before
    assert (await KeyRing(store).signer(trace)).kid == key.kid
