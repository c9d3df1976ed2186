import json
from pathlib import Path

from app.dev.home import DevHome
from app.dev.service_account import token_request, write_kubeconfig


def test_the_token_is_asked_for_the_service_account_for_an_hour() -> None:
    request = token_request()

    assert (request.method, request.path) == (
        "POST",
        "/api/v1/namespaces/secretspace-system/serviceaccounts/secretspace/token",
    )
    assert json.loads(request.body or b"")["spec"] == {"expirationSeconds": 3600}


def test_the_kubeconfig_names_the_token_by_its_file_so_that_a_new_one_is_seen(tmp_path: Path) -> None:
    home = DevHome(tmp_path)

    write_kubeconfig(home, "https://127.0.0.1:6443", tmp_path / "ca.crt")
    document = json.loads(home.service_kubeconfig.read_text())

    assert document["users"][0]["user"] == {"tokenFile": str(home.service_token)}
    assert document["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:6443"
    assert home.service_kubeconfig.stat().st_mode & 0o777 == 0o600
