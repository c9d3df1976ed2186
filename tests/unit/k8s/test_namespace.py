import json
from typing import Any, cast

import pytest

from app.k8s.namespace import NamespaceIndex, get_namespace, list_namespaces, list_projects, watch_namespaces
from app.k8s.request import KubeRequest
from app.k8s.transport import Transport
from app.k8s.wire import MetadataOnly, decode
from tests.unit.k8s.acting import trace

POM = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
NOBODY = cast("Transport", None)
"""In the place of a transport that is not to be used."""


def namespace(name: str, version: int = 1, **labels: str) -> MetadataOnly:
    meta: dict[str, Any] = {"name": name, "resourceVersion": str(version), "labels": labels}
    return decode(json.dumps({"metadata": meta | {"creationTimestamp": "2026-11-24T12:00:00Z"}}).encode(), MetadataOnly)


@pytest.fixture
def index() -> NamespaceIndex:
    return NamespaceIndex(NOBODY)


def test_only_metadata_is_asked_for() -> None:
    path = "/api/v1/namespaces"
    watch = {"watch": "true", "resourceVersion": "9", "allowWatchBookmarks": "true", "timeoutSeconds": "300"}

    assert list_namespaces() == KubeRequest("GET", path, accept=POM.replace("Metadata;", "MetadataList;"))
    assert get_namespace("a") == KubeRequest("GET", f"{path}/a", accept=POM)
    assert watch_namespaces("9") == KubeRequest("GET", path, watch, POM)


def test_projects_are_asked_for_by_their_workspaces_or_all_at_once() -> None:
    label = "kubesphere.io/workspace"

    assert list_projects(None).query == {"labelSelector": label}
    assert list_projects({"b", "a"}).query == {"labelSelector": f"{label} in (a,b)"}
    assert list_projects(None).accept == POM.replace("Metadata;", "MetadataList;")


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_no_name_leads_to_another_path(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        get_namespace(name)


def test_events_keep_the_index_up_to_date(index: NamespaceIndex) -> None:
    index._apply("ADDED", namespace("a"))
    index._apply("ADDED", namespace("b"))
    index._apply("MODIFIED", namespace("a", 2, team="blue"))
    index._apply("DELETED", namespace("b", 3))
    index._apply("DELETED", namespace("never seen"))

    assert list(index.namespaces) == ["a"]
    assert (index.namespaces["a"].labels, index.namespaces["a"].version.resource_version) == ({"team": "blue"}, "2")


async def test_a_namespace_that_is_known_costs_no_call(index: NamespaceIndex) -> None:
    index._apply("ADDED", namespace("a"))

    assert await index.find("a", trace()) is index.namespaces["a"]
