"""Which namespaces there are, kept up to date by a watch on their metadata as the service account.

Only metadata is asked for and kept. Who may see a namespace is never decided here.
Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

import msgspec
import structlog

from app.domain.call import Trace
from app.domain.errors import NotFoundError
from app.domain.secret import Metadata
from app.domain.workspace import WORKSPACE_LABEL
from app.k8s.impersonation import AsService
from app.k8s.metadata import to_metadata
from app.k8s.request import METADATA_LIST, METADATA_ONLY, KubeRequest, path_part
from app.k8s.transport import Transport
from app.k8s.wire import MetadataList, MetadataOnly, Wire, decode

_PATH: Final = "/api/v1/namespaces"
_LIST_SECONDS: Final = 30.0
_WATCH_SECONDS: Final = 300
_SHORTEST_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 30.0

_log = structlog.get_logger("app.k8s")


class _Event(Wire, frozen=True):
    type: str
    object: msgspec.Raw


def list_namespaces() -> KubeRequest:
    """The metadata of all namespaces, and the version to watch from."""
    return KubeRequest("GET", _PATH, accept=METADATA_LIST)


def list_labelled(workspace: str) -> KubeRequest:
    """One namespace of a workspace, if there is any; the name is a DNS label."""
    query = {"labelSelector": f"{WORKSPACE_LABEL}={workspace}", "limit": "1"}
    return KubeRequest("GET", _PATH, query, accept=METADATA_LIST)


def list_projects(workspaces: Collection[str] | None) -> KubeRequest:
    """The namespaces of these workspaces, or of any; names are DNS labels, hence values of a label."""
    chosen = WORKSPACE_LABEL if workspaces is None else f"{WORKSPACE_LABEL} in ({','.join(sorted(workspaces))})"
    return KubeRequest("GET", _PATH, {"labelSelector": chosen}, accept=METADATA_LIST)


def watch_namespaces(resource_version: str) -> KubeRequest:
    """What changes after `resource_version`, for five minutes."""
    query = {
        "watch": "true",
        "resourceVersion": resource_version,
        "allowWatchBookmarks": "true",
        "timeoutSeconds": str(_WATCH_SECONDS),
    }
    return KubeRequest("GET", _PATH, query, accept=METADATA_ONLY)


def get_namespace(name: str) -> KubeRequest:
    """The metadata of one namespace; `name` is a DNS label."""
    return KubeRequest("GET", f"{_PATH}/{path_part(name)}", accept=METADATA_ONLY)


class NamespaceIndex:
    """All namespaces by name. Run it with `following`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._namespaces: dict[str, Metadata] = {}

    @property
    def namespaces(self) -> Mapping[str, Metadata]:
        """What is known now; at most as old as the watch is behind."""
        return self._namespaces

    async def find(self, name: str, trace: Trace) -> Metadata | None:
        """The namespace of this name; the API server is asked before it is said to be absent."""
        return self._namespaces.get(name) or await self.read(name, trace)

    async def read(self, name: str, trace: Trace) -> Metadata | None:
        """The namespace of this name, as the cluster has it now."""
        try:
            answer = await self._transport.send(get_namespace(name), AsService(trace))
        except NotFoundError:
            return None
        return to_metadata(decode(answer.body, MetadataOnly).metadata, ())

    async def any_of(self, workspace: str, trace: Trace) -> bool:
        """Whether any namespace bears the label of this workspace; the watch may be behind, so the cluster is asked."""
        answer = await self._transport.send(list_labelled(workspace), AsService(trace))
        return bool(decode(answer.body, MetadataList).items)

    async def of_workspaces(self, workspaces: Collection[str] | None, trace: Trace) -> Sequence[Metadata]:
        """The namespaces that bear the label of these workspaces, or of any, as the cluster has them now."""
        answer = await self._transport.send(list_projects(workspaces), AsService(trace))
        return [to_metadata(item.metadata, ()) for item in decode(answer.body, MetadataList).items or ()]

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Keep the index up to date in the background; it may still be empty when this begins."""
        task = asyncio.create_task(self._follow(), name="namespace index")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _follow(self) -> None:
        pause = _SHORTEST_PAUSE_SECONDS
        while True:
            try:
                resource_version = await self._fill()
                pause = _SHORTEST_PAUSE_SECONDS
                await self._watch_from(resource_version)
            except Exception as error:  # noqa: BLE001  (whatever it is, the index must not stand still for good)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
                _log.warning("kubernetes.namespace_watch_interrupted", error=type(error).__name__)
            await asyncio.sleep(pause)

    async def _fill(self) -> str:
        """Read all namespaces anew; the version of the list."""
        answer = await self._transport.send(list_namespaces(), AsService(_trace(_LIST_SECONDS)))
        found = decode(answer.body, MetadataList)
        self._namespaces = {item.metadata.name: to_metadata(item.metadata, ()) for item in found.items or ()}
        return found.metadata.resource_version

    async def _watch_from(self, resource_version: str) -> None:
        """Follow the watch to its end; an event of type ERROR ends it, and all is read anew."""
        request = watch_namespaces(resource_version)
        longest = _WATCH_SECONDS + _LIST_SECONDS  # an idle cluster may send no bookmark for minutes
        async for line in self._transport.watch(request, AsService(_trace(longest)), idle_seconds=longest):
            event = decode(line, _Event)
            if event.type == "ERROR":
                return
            if event.type != "BOOKMARK":
                self._apply(event.type, decode(bytes(event.object), MetadataOnly))

    def _apply(self, kind: str, changed: MetadataOnly) -> None:
        if kind == "DELETED":
            self._namespaces.pop(changed.metadata.name, None)
        else:
            self._namespaces[changed.metadata.name] = to_metadata(changed.metadata, ())


def _trace(seconds: float) -> Trace:
    """A request of our own, with so much time."""
    return Trace("namespaces-" + secrets.token_hex(8), asyncio.get_running_loop().time() + seconds)
