"""Signing keys of a real cluster: made once, whoever is first."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.errors import AlreadyExistsError, PreconditionFailedError
from app.identity.signing import KeyRing, SigningKey, decode_keys, encode_keys, rotate_keys
from app.k8s.signing_key import SigningKeys
from app.k8s.transport import Transport
from tests.contract.identity.conftest import OWN_NAMESPACE, trace


@pytest.fixture
def store(service: Transport) -> SigningKeys:
    return SigningKeys(service, OWN_NAMESPACE)


async def test_replicas_that_start_at_once_agree_on_one_key_that_stays(store: SigningKeys) -> None:
    signers = await asyncio.gather(*(KeyRing(store).signer(trace()) for _ in range(8)))
    document = await store.read(trace())
    assert document is not None
    assert {signer.kid for signer in signers} == {key.kid for key in decode_keys(document)}
    assert len(decode_keys(document)) == 1


async def test_keys_that_are_there_are_not_replaced(store: SigningKeys) -> None:
    before = (await KeyRing(store).signer(trace())).kid
    with pytest.raises(AlreadyExistsError):
        await store.create(encode_keys([SigningKey.generate()]), trace())
    assert (await KeyRing(store).signer(trace())).kid == before


async def test_a_key_is_added_to_those_that_are_there_unless_they_were_changed_meanwhile(store: SigningKeys) -> None:
    signer = await KeyRing(store).signer(trace())
    before = await store.read(trace()) or b""
    new = await rotate_keys(store, timedelta(hours=1), trace(), datetime.now(UTC))
    ring = KeyRing(store)
    assert (await ring.signer(trace())).kid == signer.kid
    assert [each.kid for each in await ring.keys(trace())][:2] == [new.kid, signer.kid]
    with pytest.raises(PreconditionFailedError):
        await store.replace(before, before, trace())
    assert await store.read(trace()) != before
