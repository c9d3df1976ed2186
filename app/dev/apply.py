"""Putting objects into a cluster by server-side apply.

Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final

from app.dev.failure import NotReadyError
from app.domain.errors import NotFoundError, UpstreamUnavailableError
from app.k8s.impersonation import AsService
from app.k8s.object_path import object_path
from app.k8s.request import APPLY_PATCH, KubeRequest, encode, group_path, write_query
from app.k8s.transport import Transport
from app.k8s.wire import ObjectMeta, Wire, decode

_DEFINITION: Final = "CustomResourceDefinition"
_READY_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.1


class _Applied(Wire, frozen=True):
    metadata: ObjectMeta


class _Condition(Wire, frozen=True):
    type: str
    status: str


class _Conditions(Wire, frozen=True):
    conditions: list[_Condition] | None = None


class _Definition(Wire, frozen=True):
    status: _Conditions = _Conditions()


class _AggregatedRole(Wire, frozen=True):
    rules: list[Any] | None = None


def apply_request(manifest: Mapping[str, Any]) -> KubeRequest:
    """The request that makes the cluster have the object; what others have added to it stays."""
    return KubeRequest(
        method="PATCH",
        path=object_path(manifest),
        query={**write_query(), "force": "true"},  # the manifest is the authority on the fields that it names
        content_type=APPLY_PATCH,
        body=encode(manifest),
    )


async def apply(manifest: Mapping[str, Any], transport: Transport, acting: AsService) -> ObjectMeta:
    """Apply one object, and return what the cluster made of its metadata."""
    answer = await transport.send(apply_request(manifest), acting)
    return decode(answer.body, _Applied).metadata


async def remove(manifest: Mapping[str, Any], transport: Transport, acting: AsService) -> None:
    """Delete one object, if it is there."""
    try:
        await transport.send(KubeRequest(method="DELETE", path=object_path(manifest)), acting)
    except NotFoundError:
        return


async def wait_until_served(manifests: Iterable[Mapping[str, Any]], transport: Transport, acting: AsService) -> None:
    """Wait until objects of new kinds can be listed and aggregated roles have their rules.

    Raises:
        NotReadyError: the control plane has not done its part in time.
    """
    for manifest in manifests:
        if manifest["kind"] == _DEFINITION or "aggregationRule" in manifest:
            await _wait(manifest, transport, acting)


async def _wait(manifest: Mapping[str, Any], transport: Transport, acting: AsService) -> None:
    deadline = asyncio.get_running_loop().time() + _READY_SECONDS
    while not await _is_served(manifest, transport, acting):
        if asyncio.get_running_loop().time() > deadline:
            raise NotReadyError(f"{manifest['kind']} {manifest['metadata']['name']}", _READY_SECONDS)
        await asyncio.sleep(_POLL_SECONDS)


async def _is_served(manifest: Mapping[str, Any], transport: Transport, acting: AsService) -> bool:
    answer = await transport.send(KubeRequest("GET", object_path(manifest)), acting)
    if manifest["kind"] != _DEFINITION:
        return bool(decode(answer.body, _AggregatedRole).rules)
    return is_established(answer.body) and await _is_listed(manifest["spec"], transport, acting)


def is_established(definition: bytes) -> bool:
    """Whether the API server has taken up a kind that was defined."""
    conditions = decode(definition, _Definition).status.conditions or ()
    return any(condition.type == "Established" and condition.status == "True" for condition in conditions)


async def _is_listed(spec: Mapping[str, Any], transport: Transport, acting: AsService) -> bool:
    """Whether objects of the kind can be listed: the first who asks for them is told to come again (429)."""
    path = group_path(spec["group"], spec["versions"][0]["name"], spec["names"]["plural"])
    try:
        await transport.send(KubeRequest("GET", path, {"limit": "1"}), acting)
    except UpstreamUnavailableError:
        return False
    return True
