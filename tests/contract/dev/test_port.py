import socket

import pytest

from app.dev.failure import NoFreePortError
from app.dev.port import LOOPBACK, free_port


@pytest.fixture
def taken() -> int:
    """A port above which others are free, as far as anyone can tell."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def test_a_free_port_is_taken_as_asked(taken: int) -> None:
    assert free_port(taken) == taken


def test_a_port_with_a_listener_is_passed_over(taken: int) -> None:
    with socket.create_server((LOOPBACK, taken)):
        assert free_port(taken) > taken


def test_a_port_on_which_a_connection_was_just_closed_is_free(taken: int) -> None:
    with socket.create_server((LOOPBACK, taken)) as server, socket.create_connection((LOOPBACK, taken)):
        accepted, _ = server.accept()
        accepted.close()

    assert free_port(taken) == taken


def test_when_there_are_no_more_ports_the_person_is_told_to_choose() -> None:
    with (
        socket.create_server((LOOPBACK, 65535)),
        pytest.raises(NoFreePortError, match=r"No port from 65535 to 65535 is free.*--port"),
    ):
        free_port(65535)
