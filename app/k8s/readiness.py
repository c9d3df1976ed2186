"""Whether the API server answers, asked with the service's own credential."""

import asyncio
from typing import Final

from app.domain.call import Trace
from app.k8s.impersonation import AsService
from app.k8s.request import KubeRequest
from app.k8s.transport import Transport

_FRESH_SECONDS: Final = 1.0
"""How long a good answer is good for, so that probes cannot become a load."""


class KubeReadiness:
    """Asks `/readyz`, which every client that is signed in may."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._good_until = 0.0

    async def check(self, trace: Trace) -> None:
        """Return if the API server is ready.

        Raises:
            UpstreamError: it is not, or does not accept our credential.
        """
        now = asyncio.get_running_loop().time()
        if now >= self._good_until:
            await self._transport.send(KubeRequest("GET", "/readyz"), AsService(trace))
            self._good_until = now + _FRESH_SECONDS
