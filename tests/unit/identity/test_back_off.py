import pytest

from app.domain.errors import TooManyAttemptsError
from app.identity.back_off import (
    FORGOTTEN_AFTER,
    FREE_PER_ACCOUNT,
    FREE_PER_ADDRESS,
    KNOWN_FOR,
    LONGEST_WAIT,
    REMEMBERED,
    Attempt,
    BackOff,
    network_of,
)
from tests.unit.identity.in_memory import SetClock

ANNA = Attempt("anna", "192.0.2.1")
ELSEWHERE = Attempt("anna", "198.51.100.7")
HOME = Attempt("anna", "203.0.113.5")


class Gate:
    """A back-off, and the clock that it looks at."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.back_off = BackOff(self.clock.seconds)

    def fail(self, attempt: Attempt, times: int = 1) -> None:
        for _ in range(times):
            self.back_off.failed(attempt)

    def wait(self, attempt: Attempt) -> int:
        """Seconds until the attempt may be made."""
        try:
            self.back_off.require_open(attempt)
        except TooManyAttemptsError as error:
            return error.retry_after
        return 0


def test_some_failures_cost_nothing() -> None:
    gate = Gate()
    gate.fail(ANNA, FREE_PER_ACCOUNT - 1)
    assert gate.wait(ANNA) == 0
    gate.fail(ANNA)
    assert gate.wait(ANNA) == 1


def test_each_further_failure_doubles_the_wait_up_to_a_minute() -> None:
    gate, waits = Gate(), []
    gate.fail(ANNA, FREE_PER_ACCOUNT)
    for _ in range(8):
        waits.append(gate.wait(ANNA))
        gate.clock.turn(waits[-1])
        assert gate.wait(ANNA) == 0
        gate.fail(ANNA)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_no_number_of_failures_locks_an_account_for_longer() -> None:
    gate = Gate()
    gate.fail(ANNA, 5000)
    assert gate.wait(ANNA) == LONGEST_WAIT


def test_the_failures_of_an_account_count_from_wherever_they_come() -> None:
    gate = Gate()
    for number in range(FREE_PER_ACCOUNT):
        gate.fail(Attempt("anna", f"192.0.2.{number}"))
    assert gate.wait(ELSEWHERE) == 1
    assert gate.wait(Attempt("bob", "192.0.2.1")) == 0


def test_who_tries_from_elsewhere_cannot_keep_the_owner_out_of_a_known_address() -> None:
    gate = Gate()
    gate.back_off.succeeded(HOME)
    gate.fail(ELSEWHERE, 500)
    assert (gate.wait(ELSEWHERE) > 0, gate.wait(HOME)) == (True, 0)


def test_a_known_address_is_known_for_that_account_alone_and_for_a_day() -> None:
    gate = Gate()
    gate.back_off.succeeded(HOME)
    gate.fail(Attempt("bob", "198.51.100.7"), 500)
    assert gate.wait(Attempt("bob", HOME.address)) > 0
    gate.clock.turn(KNOWN_FOR)
    gate.fail(ELSEWHERE, 500)
    assert gate.wait(HOME) > 0


def test_failures_at_a_known_address_count_too() -> None:
    gate = Gate()
    gate.back_off.succeeded(HOME)
    gate.fail(HOME, FREE_PER_ACCOUNT)
    assert gate.wait(HOME) == 1


def test_an_address_waits_whichever_accounts_it_tries() -> None:
    gate = Gate()
    for number in range(FREE_PER_ADDRESS):
        gate.fail(Attempt(f"account-{number}", "192.0.2.1"))
    assert gate.wait(Attempt("anna", "192.0.2.1")) == 1
    assert gate.wait(Attempt("", "192.0.2.1")) == 1
    assert gate.wait(ELSEWHERE) == 0


def test_who_is_known_at_an_address_does_not_wait_for_the_guesses_of_others_there() -> None:
    gate = Gate()
    gate.back_off.succeeded(HOME)
    gate.fail(Attempt("", HOME.address), 500)
    assert (gate.wait(Attempt("bob", HOME.address)) > 0, gate.wait(HOME)) == (True, 0)


def test_names_that_no_account_can_have_count_by_the_address_alone() -> None:
    gate = Gate()
    gate.fail(Attempt("", "192.0.2.1"), FREE_PER_ACCOUNT)
    assert gate.wait(Attempt("", "198.51.100.7")) == 0


def test_a_success_forgets_the_failures_of_the_account_and_not_those_of_the_address() -> None:
    gate = Gate()
    gate.fail(ANNA, FREE_PER_ADDRESS)
    gate.back_off.succeeded(ANNA)
    assert gate.wait(ELSEWHERE) == 0
    assert gate.wait(Attempt("bob", ANNA.address)) > 0


def test_failures_are_forgotten_after_a_while() -> None:
    gate = Gate()
    gate.fail(ANNA, FREE_PER_ACCOUNT + 3)
    gate.clock.turn(FORGOTTEN_AFTER)
    gate.fail(ANNA)
    assert gate.wait(ANNA) == 0


def test_attempts_with_a_token_are_counted_apart() -> None:
    gate = Gate()
    gate.fail(ELSEWHERE, 500)
    assert gate.wait(Attempt("anna")) == 0
    gate.fail(Attempt("anna"), FREE_PER_ACCOUNT)
    assert gate.wait(Attempt("anna")) == 1


def test_memory_is_bounded() -> None:
    gate = Gate()
    for number in range(3 * REMEMBERED):
        gate.fail(Attempt(f"account-{number}", f"address-{number}"))
        gate.back_off.succeeded(Attempt(f"account-{number}", f"address-{number}"))
    assert len(gate.back_off._failures) <= 2 * REMEMBERED
    assert len(gate.back_off._known) <= REMEMBERED


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:0:1:ffff::1", "2001:db8:0:1::/64"),
        ("2001:db8:0:1::", "2001:db8:0:1::/64"),
        ("testclient", "testclient"),
        ("x" * 100, "x" * 64),
    ],
)
def test_one_ipv6_network_is_one_address(address: str, network: str) -> None:
    assert network_of(address) == network
