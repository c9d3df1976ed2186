import pytest

from app.dev.preparation import profile_for
from app.dev.tutorial import PEOPLE, project, workspace
from app.manifests import Profile

ACCOUNTS = {f"secretspace:{person.account}" for person in PEOPLE}


def test_the_workspace_names_people_of_the_tutorial_only() -> None:
    spec = workspace("secretspace:")["spec"]

    assert spec["manager"] == "secretspace:ws-admin"
    assert {member["subject"]["name"] for member in spec["members"]} < ACCOUNTS


def test_the_project_is_bound_to_the_workspace_it_was_made_in() -> None:
    namespace, *_ = project("secretspace:", "the-uid")

    assert namespace["metadata"]["annotations"]["secretspace.io/workspace-uid"] == "the-uid"
    assert namespace["metadata"]["labels"]["kubesphere.io/workspace"] == "demo-workspace"


def test_role_bindings_of_the_project_name_one_person_and_one_role_each() -> None:
    _, *bindings = project("secretspace:", "the-uid")

    assert {(binding["subjects"][0]["name"], binding["roleRef"]["name"]) for binding in bindings} == {
        ("secretspace:project-admin", "secretspace:project-admin"),
        ("secretspace:project-regular", "secretspace:project-operator"),
    }
    assert all(len(binding["subjects"]) == 1 for binding in bindings)
    assert len({binding["metadata"]["name"] for binding in bindings}) == len(bindings)


@pytest.mark.parametrize(
    ("version", "profile"),
    [
        ("1.35.9", Profile.CLASSIC),
        ("1.36.0", Profile.CONSTRAINED),
        ("1.37.2", Profile.CONSTRAINED),
        ("2.0.0", Profile.CONSTRAINED),
    ],
)
def test_the_constrained_profile_is_taken_as_soon_as_kubernetes_knows_it(version: str, profile: Profile) -> None:
    assert profile_for(version) is profile
