"""Free ports on loopback that stay ours until the component listens, and while it is stopped and started again."""

import socket
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Self


class PortReservation:
    """Ports that are bound but not listened on.

    On Linux a port that is bound with SO_REUSEADDR can be bound and listened on by another socket with that option
    (which Go always sets), while the kernel gives it to nobody who asks for any free port. Elsewhere this does not
    hold, so the ports are let go at once: a race remains there, of a few milliseconds.
    """

    def __init__(self, sockets: Sequence[socket.socket]) -> None:
        self._sockets = tuple(sockets)
        self.ports = tuple(int(held.getsockname()[1]) for held in sockets)
        if sys.platform != "linux":
            self.release()

    @classmethod
    def of(cls, count: int) -> Self:
        """Reserve `count` ports on 127.0.0.1."""
        return cls([_bound() for _ in range(count)])

    def release(self) -> None:
        """Let them go."""
        for held in self._sockets:
            held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _bound() -> socket.socket:
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    return held
