"""Looks after the running service from a thread of its own."""

import asyncio
import os
import signal
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from app.dev.home import DevHome
from app.dev.preparation import as_admin
from app.dev.service_account import renew_token
from app.domain.errors import AppError
from devcluster import ControlPlane, DevclusterError

_POLL_SECONDS: Final = 0.2


class Attendant:
    """Says when the service is ready, renews its token, and ends the run when the control plane does not go on.

    Use it as a `with` block around the run.
    """

    def __init__(
        self,
        plane: ControlPlane,
        home: DevHome,
        *,
        next_token_due: datetime,
        ready_url: str,
        announce: Callable[[], None],
    ) -> None:
        self._plane = plane
        self._home = home
        self._due = next_token_due
        self._ready_url = ready_url
        self._announce = announce
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._attend, name="attendant")
        self.failure: DevclusterError | None = None
        """Why the control plane ended, once it has."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _attend(self) -> None:
        ready = False
        while not self._done.wait(_POLL_SECONDS):
            if not ready and _answers(self._ready_url):
                ready = True
                self._announce()
            if datetime.now(UTC) >= self._due:
                self._due = asyncio.run(_renew(self._home, self._plane.kubeconfig))
            self.failure = self._plane.failure()
            if self.failure is not None:
                os.kill(os.getpid(), signal.SIGINT)
                return


async def _renew(home: DevHome, admin_kubeconfig: Path) -> datetime:
    async with as_admin(admin_kubeconfig) as (transport, acting):
        try:
            return await renew_token(home, transport, acting)
        except AppError:
            return datetime.now(UTC)  # at once again: the old token is good for some minutes yet


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  (http, and ours)
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
