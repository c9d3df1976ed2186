import asyncio
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from jwt.algorithms import ECAlgorithm
from typing_extensions import override

from app.domain.call import Trace
from app.domain.errors import UpstreamAnswerError, UpstreamUnavailableError
from app.identity.signing import RELOAD_SECONDS, KeyRing, SigningKey, decode_keys, encode_keys
from tests.unit.identity.in_memory import KeysInMemory, SetClock, trace

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
