from pathlib import Path

from app.cli.http_protocol import BoundedHttpProtocol
from app.cli.serve import uvicorn_options
from app.settings import Limits, Server, Settings


def _settings(server: Server | None = None) -> Settings:
    return Settings(server=server or Server(), limits=Limits())


def test_nobody_is_believed_about_whom_a_request_comes_from_by_default() -> None:
    options = uvicorn_options(_settings())

    assert options["proxy_headers"] is False
    assert options["forwarded_allow_ips"] == []


def test_named_proxies_are_believed() -> None:
    options = uvicorn_options(_settings(Server(trusted_proxies=("10.0.0.0/8",))))

    assert options["proxy_headers"] is True
    assert options["forwarded_allow_ips"] == ["10.0.0.0/8"]


def test_the_server_writes_no_log_of_its_own_and_does_not_name_itself() -> None:
    options = uvicorn_options(_settings())

    assert options["access_log"] is False
    assert options["log_config"] is None
    assert options["server_header"] is False


def test_headers_may_reach_four_times_their_limit_before_they_are_cut_off() -> None:
    protocol = uvicorn_options(_settings())["http"]

    assert (protocol.func, protocol.keywords) == (BoundedHttpProtocol, {"head_bytes": 65536})


def test_requests_under_way_have_as_long_to_end_as_a_request_may_take() -> None:
    assert uvicorn_options(_settings())["timeout_graceful_shutdown"] == 30


def test_a_certificate_and_its_key_are_handed_on() -> None:
    options = uvicorn_options(_settings(Server(tls_cert=Path("tls.crt"), tls_key=Path("tls.key"))))

    assert (options["ssl_certfile"], options["ssl_keyfile"]) == (Path("tls.crt"), Path("tls.key"))
