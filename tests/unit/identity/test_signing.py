import asyncio
import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from jwt.algorithms import ECAlgorithm
from typing_extensions import override

from app.domain.call import Trace
from app.domain.errors import PreconditionFailedError, UpstreamAnswerError, UpstreamUnavailableError
from app.identity.signing import (
    ANNOUNCED,
    FRESH_SECONDS,
    MARGIN,
    RELOAD_SECONDS,
    KeyRing,
    SigningKey,
    decode_keys,
    encode_keys,
    rotate_keys,
    rotated,
    signer_of,
)
from tests.unit.identity.in_memory import NOW, KeysInMemory, SetClock, trace

RFC_7515_KEY = {  # appendix A.3.1
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
}


def test_a_key_is_called_by_its_thumbprint() -> None:
    key = decode_keys(json.dumps({"keys": [RFC_7515_KEY]}).encode())[0]
    assert key.kid == "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U"


def test_keys_come_back_from_their_document_in_order() -> None:
    keys = tuple(SigningKey.generate() for _ in range(3))
    assert [key.kid for key in decode_keys(encode_keys(keys))] == [key.kid for key in keys]


def test_the_document_is_a_key_set_that_names_use_and_algorithm() -> None:
    key = SigningKey.generate()
    (jwk,) = json.loads(encode_keys([key]))["keys"]
    assert (jwk["kid"], jwk["kty"], jwk["crv"], jwk["use"], jwk["alg"]) == (key.kid, "EC", "P-256", "sig", "ES256")


def test_a_key_never_shows_its_private_half() -> None:
    key = SigningKey.generate()
    secret = ECAlgorithm.to_jwk(key.private, as_dict=True)["d"]
    assert secret not in repr(key)
    assert "private" not in repr(key).lower()


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"keys": []}',
        b'{"keys": 7}',
        b'{"keys": [{"kty": "RSA"}]}',
        b"\xff",
        json.dumps({"keys": [{**RFC_7515_KEY, "d": RFC_7515_KEY["x"]}]}).encode(),
        json.dumps({"keys": [{name: RFC_7515_KEY[name] for name in ("kty", "crv", "x", "y")}]}).encode(),
        json.dumps({"keys": [ECAlgorithm.to_jwk(generate_private_key(SECP384R1()), as_dict=True)]}).encode(),
    ],
)
def test_a_document_without_usable_keys_is_refused(document: bytes) -> None:
    with pytest.raises(UpstreamAnswerError) as caught:
        decode_keys(document)
    assert RFC_7515_KEY["d"] not in str(caught.value)


async def test_the_first_use_makes_the_key_of_the_whole_cluster() -> None:
    store = KeysInMemory()
    signer = await KeyRing(store).signer(trace())
    assert store.document is not None
    assert [key.kid for key in decode_keys(store.document)] == [signer.kid]


async def test_replicas_that_start_at_once_agree_on_one_key() -> None:
    class BothFindNothing(KeysInMemory):
        """Holds every first reader until all of them have read."""

        waiting = 0
        all_read = asyncio.Event()

        @override
        async def read(self, trace: Trace) -> bytes | None:
            document = await super().read(trace)
            self.waiting += 1
            if self.waiting == 3:
                self.all_read.set()
            await self.all_read.wait()
            return document

    store = BothFindNothing()
    signers = await asyncio.gather(*(KeyRing(store).signer(trace()) for _ in range(3)))
    assert len({signer.kid for signer in signers}) == 1


async def test_one_replica_reads_the_keys_once_for_many_sign_ins() -> None:
    store = KeysInMemory()
    ring = KeyRing(store)
    signers = await asyncio.gather(*(ring.signer(trace()) for _ in range(20)))
    assert len({signer.kid for signer in signers}) == 1
    assert store.reads == 1


async def test_the_first_key_signs_and_all_verify() -> None:
    keys = (SigningKey.generate(), SigningKey.generate())
    ring = KeyRing(KeysInMemory(encode_keys(keys)))
    assert (await ring.signer(trace())).kid == keys[0].kid
    assert [await ring.find(key.kid, trace()) for key in keys] != [None, None]
    assert await ring.find("unknown", trace()) is None


async def test_looking_for_a_key_makes_none() -> None:
    store = KeysInMemory()
    assert await KeyRing(store).find("unknown", trace()) is None
    assert store.document is None


async def test_a_key_that_another_replica_added_is_found_but_looked_for_at_most_every_thirty_seconds() -> None:
    clock, old, new = SetClock(), SigningKey.generate(), SigningKey.generate()
    store = KeysInMemory(encode_keys([old]))
    ring = KeyRing(store, clock.seconds)
    await ring.signer(trace())
    store.document = encode_keys([new, old])
    clock.turn(RELOAD_SECONDS - 0.1)
    assert await ring.find(new.kid, trace()) is None
    assert store.reads == 1
    clock.turn(0.1)
    assert await ring.find(new.kid, trace()) is not None
    assert store.reads == 2


async def test_a_key_that_could_not_be_read_is_looked_for_again_at_once() -> None:
    class DownOnce(KeysInMemory):
        @override
        async def read(self, trace: Trace) -> bytes | None:
            document = await super().read(trace)
            if self.reads == 1:
                raise UpstreamUnavailableError
            return document

    key = SigningKey.generate()
    ring = KeyRing(DownOnce(encode_keys([key])))
    with pytest.raises(UpstreamUnavailableError):
        await ring.find(key.kid, trace())
    assert await ring.find(key.kid, trace()) is not None


HOUR = timedelta(hours=1)


async def test_a_new_key_is_known_before_it_signs_and_nobody_is_signed_out() -> None:
    clock, store = SetClock(), KeysInMemory()
    ring = KeyRing(store, clock.seconds, clock)
    old = await ring.signer(trace())
    new = await rotate_keys(store, HOUR, trace(), clock())
    clock.turn(FRESH_SECONDS)
    assert (await ring.signer(trace())).kid == old.kid
    assert [each.kid for each in await ring.keys(trace())] == [new.kid, old.kid]
    clock.turn(ANNOUNCED.total_seconds())
    assert (await ring.signer(trace())).kid == new.kid
    assert await ring.find(old.kid, trace()) is not None


async def test_a_key_is_dropped_when_no_token_of_it_can_be_good_any_more() -> None:
    first = SigningKey.generate()
    second = rotated([first], NOW, HOUR)
    assert [each.kid for each in second][1:] == [first.kid]
    last_good = NOW + ANNOUNCED + HOUR + MARGIN
    assert first in rotated(second, last_good - timedelta(seconds=1), HOUR)
    third = rotated(second, last_good, HOUR)
    assert [each.kid for each in third][1:] == [second[0].kid]
    assert signer_of(third, last_good).kid == second[0].kid


async def test_keys_that_are_made_in_a_row_leave_the_one_that_signs() -> None:
    keys: tuple[SigningKey, ...] = (SigningKey.generate(),)
    first = keys[0]
    for _ in range(3):
        keys = rotated(keys, NOW, HOUR)
    assert len(keys) == 4
    assert signer_of(keys, NOW) == first


async def test_when_a_key_signs_is_kept_with_it() -> None:
    keys = rotated([SigningKey.generate()], NOW, HOUR)
    assert [each.signs_from for each in decode_keys(encode_keys(keys))] == [each.signs_from for each in keys]


async def test_revoked_keys_verify_nothing_after_a_minute() -> None:
    clock, store = SetClock(), KeysInMemory()
    ring = KeyRing(store, clock.seconds, clock)
    old = await ring.signer(trace())
    new = await rotate_keys(store, HOUR, trace(), clock(), revoke=True)
    clock.turn(FRESH_SECONDS)
    assert await ring.find(old.kid, trace()) is None
    assert (await ring.signer(trace())).kid == new.kid


async def test_where_there_is_no_key_yet_the_first_one_signs_at_once() -> None:
    store = KeysInMemory()
    key = await rotate_keys(store, HOUR, trace(), NOW)
    assert (await KeyRing(store).signer(trace())).kid == key.kid


async def test_of_two_who_rotate_at_once_one_is_told() -> None:
    class Overtaken(KeysInMemory):
        @override
        async def read(self, trace: Trace) -> bytes | None:
            document = await super().read(trace)
            self.document = encode_keys([SigningKey.generate()])
            return document

    with pytest.raises(PreconditionFailedError):
        await rotate_keys(Overtaken(encode_keys([SigningKey.generate()])), HOUR, trace(), NOW)


def test_what_is_published_of_a_key_holds_nothing_private() -> None:
    key = SigningKey.generate()
    assert key.public_jwk.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}
