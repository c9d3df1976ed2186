"""`secretspace serve`: the service on a cluster that is there."""

import asyncio
import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import uvicorn
from fastapi import FastAPI

from app import logs
from app.cli.http_protocol import BoundedHttpProtocol
from app.k8s.credentials import Credentials
from app.main import create_app
from app.settings import Settings

_HEAD_FACTOR: Final = 4
"""How many times `limits.header_bytes` a header block may reach before it is cut off unread."""


def serve(
    host: Annotated[str | None, typer.Option(help="Where to listen; SECRETSPACE_SERVER__HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="SECRETSPACE_SERVER__PORT.", min=0, max=65535)] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate chain, PEM; SECRETSPACE_SERVER__TLS_CERT.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its private key, PEM; SECRETSPACE_SERVER__TLS_KEY.")] = None,
) -> None:
    """Run the service; all settings come from the environment (`secretspace settings` lists them)."""
    options = {"HOST": host, "PORT": port, "TLS_CERT": tls_cert, "TLS_KEY": tls_key}
    given = {name: str(value) for name, value in options.items() if value is not None}
    run({f"SECRETSPACE_SERVER__{name}": value for name, value in given.items()})


def run(environment: Mapping[str, str], *, reload: bool = False) -> None:
    """Serve until a signal says stop; `environment` goes before what is set already.

    It goes through the environment, for with `reload` the service is a process of its own.

    Raises:
        NoClusterError: no way to a cluster is configured.
    """
    os.environ.update(environment)
    settings = Settings()
    cluster = settings.kubernetes
    asyncio.run(Credentials.load(cluster.kubeconfig, cluster.context))  # so that who starts it is told there is none
    logs.configure(settings.log)  # before the server starts, so that its failure to start is not lost
    uvicorn.run(
        "app.cli.serve:application",
        **uvicorn_options(settings),
        reload=reload,
        reload_dirs=_own_folders() if reload else None,
    )


def application() -> FastAPI:
    """The application as the environment sets it."""
    return create_app(Settings())


def uvicorn_options(settings: Settings) -> dict[str, Any]:
    """How uvicorn is run; see https://uvicorn.dev/settings/."""
    server = settings.server
    return {
        "factory": True,
        "host": server.host,
        "port": server.port,
        "ssl_certfile": server.tls_cert,
        "ssl_keyfile": server.tls_key,
        "root_path": server.root_path,
        "proxy_headers": bool(server.trusted_proxies),
        "forwarded_allow_ips": list(server.trusted_proxies),
        "http": partial(BoundedHttpProtocol, head_bytes=_HEAD_FACTOR * settings.limits.header_bytes),
        "loop": "uvloop",
        "ws": "none",
        "lifespan": "on",
        "log_config": None,
        "access_log": False,  # the application writes one line a request, and knows what must not be in it
        "server_header": False,
        "timeout_graceful_shutdown": round(settings.limits.request.total_seconds()),
    }


def _own_folders() -> list[str]:
    return [str(Path(__file__).parents[1])]
