"""A port for the service."""

import socket
from typing import Final

from app.dev.failure import NoFreePortError

LOOPBACK: Final = "127.0.0.1"
_TRIES: Final = 100


def free_port(first: int) -> int:
    """The first port from `first` on that nothing listens on.

    Raises:
        NoFreePortError: a hundred of them are taken.
    """
    last = min(first + _TRIES, 65536) - 1
    for port in range(first, last + 1):
        if _is_free(port):
            return port
    raise NoFreePortError(first, last)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: a port in TIME_WAIT is free
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
