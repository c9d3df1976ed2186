import asyncio
import threading
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher, extract_parameters

from app.domain.errors import TooManyRequestsError
from app.identity.password import AT_ONCE, MAX_PASSWORD_BYTES, Cost, Passwords
from tests.unit.identity.in_memory import CHEAP

CANARY = "canary-pässword-7"


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = Passwords(CHEAP)
    yield made
    made.close()


async def test_a_password_is_good_for_its_own_hash_only(passwords: Passwords) -> None:
    stored = await passwords.hash(CANARY)
    assert await passwords.verify(CANARY, stored)
    assert not await passwords.verify(CANARY + "x", stored)
    assert not await passwords.verify("", stored)


async def test_two_hashes_of_one_password_differ(passwords: Passwords) -> None:
    assert await passwords.hash(CANARY) != await passwords.hash(CANARY)


async def test_no_password_is_good_where_there_is_no_hash(passwords: Passwords) -> None:
    assert not await passwords.verify(CANARY, None)


def test_the_default_cost_is_what_owasp_recommends_for_argon2id() -> None:
    made = Passwords()
    parameters = extract_parameters(made._nobody)
    made.close()
    assert parameters.type.name == "ID"
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (19456, 2, 1)


async def test_an_unknown_account_costs_as_much_as_a_wrong_password(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []
    verify = PasswordHasher.verify

    def counted(hasher: PasswordHasher, encoded: str, password: bytes) -> bool:
        verified.append(encoded)
        return verify(hasher, encoded, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    await passwords.verify("canary-wrong", await passwords.hash(CANARY))
    await passwords.verify("canary-wrong", None)
    of_wrong, of_unknown = map(extract_parameters, verified)
    assert of_unknown == of_wrong


async def test_both_forms_of_a_letter_with_a_mark_are_the_same_password(passwords: Passwords) -> None:
    composed, decomposed = "m\u00fcnchen-3", "mu\u0308nchen-3"
    assert await passwords.verify(decomposed, await passwords.hash(composed))


async def test_a_password_over_the_limit_is_refused_before_it_is_hashed(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = await passwords.hash("ü" * (MAX_PASSWORD_BYTES // 2))
    monkeypatch.setattr(PasswordHasher, "verify", lambda *_: pytest.fail("was hashed"))
    monkeypatch.setattr(PasswordHasher, "hash", lambda *_: pytest.fail("was hashed"))
    assert not await passwords.verify("ü" * (MAX_PASSWORD_BYTES // 2) + "x", stored)
    with pytest.raises(ValueError, match="not checked"):
        await passwords.hash("x" * (MAX_PASSWORD_BYTES + 1))


async def test_half_a_surrogate_pair_is_no_password(passwords: Passwords) -> None:
    assert not await passwords.verify("\ud800" * 8, await passwords.hash(CANARY))


@pytest.mark.parametrize("stored", ["", "plain", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$AA$AA", "$2b$12$x", "ü"])
async def test_what_is_no_hash_matches_nothing(passwords: Passwords, stored: str) -> None:
    assert not await passwords.verify(CANARY, stored)


async def test_a_hash_is_outdated_when_the_cost_has_changed(passwords: Passwords) -> None:
    stored = await passwords.hash(CANARY)
    dearer = Passwords(Cost(memory_kib=16, passes=2))
    assert not passwords.is_outdated(stored)
    assert dearer.is_outdated(stored)
    dearer.close()


async def test_hashing_leaves_the_event_loop_free(passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []

    def hash_(*_: object) -> str:
        threads.append(threading.get_ident())
        return ""

    monkeypatch.setattr(PasswordHasher, "hash", hash_)
    await passwords.hash(CANARY)
    assert threads
    assert threading.get_ident() not in threads


async def test_at_most_two_are_hashed_at_once_and_no_more_wait_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Passwords(CHEAP, max_waiting=3)
    gate = threading.Event()
    working: list[int] = []

    def hash_(*_: object) -> str:
        working.append(1)
        gate.wait(10)
        return ""

    monkeypatch.setattr(PasswordHasher, "hash", hash_)
    first = [asyncio.create_task(made.hash(CANARY)) for _ in range(AT_ONCE + 3)]
    await asyncio.sleep(0.05)
    with pytest.raises(TooManyRequestsError):
        await made.hash(CANARY)
    assert len(working) == AT_ONCE
    gate.set()
    await asyncio.gather(*first)
    await made.hash(CANARY)
    made.close()
