"""Signing keys of a real cluster: made once, whoever is first."""

import asyncio

import pytest

from app.domain.errors import AlreadyExistsError
from app.identity.signing import KeyRing, SigningKey, decode_keys, encode_keys
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
