"""The command lines of the components."""

import re
from pathlib import Path

import pytest
import yaml

from devcluster import Binaries
from devcluster.component import AUDIT_POLICY, Blueprint, Component, Ports
from devcluster.data_dir import DataDir
from devcluster.pki import Pki

COMPONENTS: tuple[Component, ...] = ("etcd", "kube-apiserver", "kube-controller-manager")
FILE = Path("/pki/file")


def blueprint(*, durable: bool = True, apiserver_flags: tuple[str, ...] = ()) -> Blueprint:
    return Blueprint(
        binaries=Binaries.of(Path("/bin"), "1.37.2"),
        data=DataDir(Path("/data")),
        pki=Pki(FILE, FILE, FILE, FILE, FILE, FILE, FILE, FILE),
        ports=Ports(etcd=1, etcd_peer=2, apiserver=3, controller_manager=4),
        durable=durable,
        apiserver_flags=apiserver_flags,
    )


@pytest.mark.parametrize("component", COMPONENTS)
def test_every_address_is_on_loopback(component: Component) -> None:
    line = " ".join(blueprint().command_line(component))

    hosts = set(re.findall(r"https?://([^:/ ]+):", line)) | set(re.findall(r"--bind-address=(\S+)", line))
    assert hosts == {"127.0.0.1"}


def test_etcd_speaks_to_nobody_without_a_certificate() -> None:
    line = blueprint().command_line("etcd")

    assert {"--client-cert-auth", "--peer-client-cert-auth"} < set(line)
    assert not [flag for flag in line if "http://" in flag]


@pytest.mark.parametrize(("durable", "unsafe"), [(True, False), (False, True)])
def test_etcd_skips_the_disk_only_where_data_need_not_last(durable: bool, unsafe: bool) -> None:
    line = blueprint(durable=durable).command_line("etcd")

    assert ("--unsafe-no-fsync" in line) is unsafe


def test_kube_apiserver_knows_nobody_anonymous_and_asks_rbac() -> None:
    line = blueprint().command_line("kube-apiserver")

    assert {"--anonymous-auth=false", "--authorization-mode=RBAC"} < set(line)


def test_further_flags_come_last_so_that_they_win() -> None:
    line = blueprint(apiserver_flags=("--anonymous-auth=true", "--v=2")).command_line("kube-apiserver")

    assert line[-2:] == ["--anonymous-auth=true", "--v=2"]


def test_the_audit_log_never_holds_a_body() -> None:
    policy = yaml.safe_load(AUDIT_POLICY)

    assert policy["rules"] == [{"level": "Metadata"}]
    assert policy["omitStages"] == ["RequestReceived"]
