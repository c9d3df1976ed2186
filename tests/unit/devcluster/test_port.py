"""Reserved ports."""

import socket

import pytest

from devcluster.port import PortReservation


def listening_on(port: int) -> socket.socket:
    """Listen as Go does: with SO_REUSEADDR."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    return listener


def test_reserved_ports_differ() -> None:
    with PortReservation.of(20) as first, PortReservation.of(20) as second:
        assert len({*first.ports, *second.ports}) == 40


def test_a_component_can_listen_on_a_port_that_is_reserved_for_it() -> None:
    with PortReservation.of(1) as reservation, listening_on(reservation.ports[0]) as listener:
        assert listener.getsockname() == ("127.0.0.1", reservation.ports[0])


def test_nobody_answers_on_a_port_that_is_only_reserved() -> None:
    with PortReservation.of(1) as reservation, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", reservation.ports[0]))
