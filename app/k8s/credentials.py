"""The service's own way to the API server, read by kubernetes-asyncio: kubeconfig, in-cluster, exec plugins, TLS."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kubernetes_asyncio.client import Configuration
from kubernetes_asyncio.config import ConfigException, load_incluster_config, load_kube_config
from kubernetes_asyncio.config.kube_config import KUBE_CONFIG_DEFAULT_LOCATION, KubeConfigLoader

from app.domain.errors import UpstreamUnavailableError

REFRESH_SECONDS: Final = 60.0
"""How long a token that was read is used before its source is asked again."""

# The library logs whole response bodies at DEBUG; nothing of ours may turn that on (facts: client/rest.py).
logging.getLogger("kubernetes_asyncio").setLevel(logging.INFO)


class NoClusterError(Exception):
    """No kubeconfig and no in-cluster configuration could be read; the message says where it was looked for."""


@dataclass(slots=True)
class Credentials:
    """A configuration and how to keep its token fresh."""

    configuration: Configuration = field(repr=False)
    _reload: Callable[[], Awaitable[object]] | None = field(repr=False)
    _fresh_until: float = 0.0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    @classmethod
    async def load(cls, kubeconfig: Path | None, context: str | None) -> "Credentials":
        """Read the configuration: the named kubeconfig, else in-cluster, else the default kubeconfig.

        Raises:
            NoClusterError: none of them is there or readable.
        """
        configuration = Configuration()
        if kubeconfig is None:
            try:
                load_incluster_config(client_configuration=configuration)
            except ConfigException:
                kubeconfig = Path(str(KUBE_CONFIG_DEFAULT_LOCATION))
            else:
                return cls(configuration, None)
        loader = await _load_kubeconfig(kubeconfig, context, configuration)
        return cls(configuration, lambda: loader.load_and_set(configuration), _now() + REFRESH_SECONDS)

    async def token(self) -> str | None:
        """The service's bearer token, without the scheme; None where a client certificate is the credential.

        Raises:
            UpstreamUnavailableError: its source (file, exec plugin) failed.
        """
        try:
            if self._reload is not None and _now() >= self._fresh_until:
                await self._refresh(self._reload)
            value = await self.configuration.get_api_key_with_prefix("BearerToken")
        except (ConfigException, OSError, ValueError):
            raise UpstreamUnavailableError from None
        return (value or "").removeprefix("Bearer ").strip() or None

    async def _refresh(self, reload: Callable[[], Awaitable[object]]) -> None:
        async with self._lock:
            if _now() >= self._fresh_until:
                await reload()
                self._fresh_until = _now() + REFRESH_SECONDS


async def _load_kubeconfig(path: Path, context: str | None, configuration: Configuration) -> KubeConfigLoader:
    try:
        return await load_kube_config(
            str(path), context=context, client_configuration=configuration, persist_config=False
        )
    except (ConfigException, OSError) as error:
        message = f"No cluster: neither in-cluster configuration nor a usable kubeconfig at {path}."
        raise NoClusterError(message) from error


def _now() -> float:
    return asyncio.get_running_loop().time()
