from app.dev.tutorial import PEOPLE, project, workspace

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
