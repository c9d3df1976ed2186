"""A Secret as it was, from the real API server: which version is answered, and to whom."""

import pytest

from app.domain.call import Caller
from app.domain.change import SecretChange
from app.domain.errors import ForbiddenError
from app.domain.identity import Identity
from app.domain.name import ProjectName, SecretName
from app.domain.secret import ProjectRef, SecretRef
from app.domain.version import Version
from app.k8s.secret import KubeSecrets
from app.k8s.transport import Transport
from tests.support.canary import canary
from tests.support.cluster import Admin, a_trace
from tests.support.people import NAMED, OPERATOR, PREFIX, Project
from tests.support.secret import made_elsewhere

HIDDEN = "example.com/hidden"


def caller(name: str) -> Caller:
    return Caller(Identity(PREFIX + name), a_trace())


@pytest.fixture
def secrets(own_transport: Transport) -> KubeSecrets:
    return KubeSecrets(own_transport, (HIDDEN,))


@pytest.fixture
def reference(project: Project) -> SecretRef:
    return SecretRef(ProjectRef(project.workspace, ProjectName(project.name)), SecretName("demo"))


@pytest.fixture
async def first(admin: Admin, project: Project) -> Version:
    """The first version of a Secret."""
    there = await made_elsewhere(admin, project, {"a": canary()}, annotations={HIDDEN: "x", "shown": "y"})
    return Version(there.object["metadata"]["uid"], there.version)


async def test_each_version_is_answered_as_it_was(secrets: KubeSecrets, reference: SecretRef, first: Version) -> None:
    was = await secrets.get(caller(OPERATOR), reference)
    second = await secrets.change(caller(OPERATOR), reference, SecretChange({"b": b"2"}), first)
    third = await secrets.change(caller(OPERATOR), reference, SecretChange({"a": None}), second)

    answers = [await secrets.get_at(caller(OPERATOR), reference, version) for version in (first, second, third)]

    assert answers[0] == was
    assert [sorted(each.data) for each in answers if each is not None] == [["a"], ["a", "b"], ["b"]]
    assert [each.metadata.version for each in answers if each is not None] == [first, second, third]


async def test_what_is_deleted_is_answered_as_it_was_last(
    admin: Admin, project: Project, secrets: KubeSecrets, reference: SecretRef, first: Version
) -> None:
    was = await secrets.get(caller(OPERATOR), reference)
    await admin.delete(f"{project.kube_secrets}/demo")

    assert await secrets.get_at(caller(OPERATOR), reference, first) == was


async def test_only_the_whole_of_it_has_the_annotations_that_are_never_answered(
    secrets: KubeSecrets, reference: SecretRef, first: Version
) -> None:
    shown = await secrets.get_at(caller(OPERATOR), reference, first)
    whole = await secrets.get_at(caller(OPERATOR), reference, first, whole=True)

    assert shown is not None
    assert whole is not None
    assert (shown.metadata.annotations, whole.metadata.annotations) == ({"shown": "y"}, {HIDDEN: "x", "shown": "y"})


async def test_a_version_of_something_else_is_none_of_this_secret(
    secrets: KubeSecrets, reference: SecretRef, first: Version, admin: Admin, project: Project
) -> None:
    other = await made_elsewhere(admin, project, {}, name="other")
    foreign = Version(other.object["metadata"]["uid"], other.version)

    assert await secrets.get_at(caller(OPERATOR), reference, foreign) is None
    assert await secrets.get_at(caller(OPERATOR), reference, Version(first.uid, other.version)) is None


async def test_a_version_that_is_yet_to_come_is_none(
    secrets: KubeSecrets, reference: SecretRef, first: Version
) -> None:
    assert await secrets.get_at(caller(OPERATOR), reference, Version(first.uid, "999999999999")) is None


async def test_who_may_not_list_may_not_look_back(secrets: KubeSecrets, reference: SecretRef, first: Version) -> None:
    with pytest.raises(ForbiddenError) as caught:
        await secrets.get_at(caller(NAMED), reference, first)

    assert caught.value.verb == "list"
