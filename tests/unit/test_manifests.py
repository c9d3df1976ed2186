"""What the manifests grant, read as data: the widest thing that goes wrong here goes wrong silently on a cluster."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.domain.access import METADATA
from app.domain.call import RESERVED_USER_ACCOUNTS, RESERVED_USER_METADATA
from app.manifests import Profile, manifest_files, manifest_objects, manifest_stream, profile_for

SERVICE_ACCOUNT = {"kind": "ServiceAccount", "name": "secretspace", "namespace": "secretspace-system"}
PROJECT_ROLES = ["secretspace:project-admin", "secretspace:project-operator", "secretspace:project-reader"]

profiles = pytest.mark.parametrize("profile", list(Profile))


@dataclass(frozen=True)
class Grant:
    """One verb on one resource of one API group; `bound_in` is the namespace of the binding, "" for all of them."""

    verb: str
    group: str
    resource: str
    bound_in: str = ""


def _of_kind(profile: Profile, *kinds: str) -> list[dict[str, Any]]:
    return [each for each in manifest_objects(profile) if each["kind"] in kinds]


def _rules(profile: Profile) -> list[dict[str, Any]]:
    return [rule for role in _of_kind(profile, "Role", "ClusterRole") for rule in role.get("rules", [])]


def _grants(rules: list[dict[str, Any]], bound_in: str = "") -> Iterator[Grant]:
    for rule in rules:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                for verb in rule["verbs"]:
                    yield Grant(verb, group, resource, bound_in)


def _held_by(profile: Profile, subject: dict[str, str]) -> set[Grant]:
    """Everything that bindings give to `subject`."""
    roles = {(role["kind"], role["metadata"]["name"]): role for role in _of_kind(profile, "Role", "ClusterRole")}
    return {
        grant
        for binding in _of_kind(profile, "RoleBinding", "ClusterRoleBinding")
        if subject in binding["subjects"]
        for grant in _grants(
            roles[binding["roleRef"]["kind"], binding["roleRef"]["name"]]["rules"],
            binding["metadata"].get("namespace", ""),
        )
    }


def _aggregated(role: str) -> set[tuple[str, str]]:
    """Verb and resource of all roles that a project role is put together from."""
    label = f"rbac.secretspace.io/aggregate-to-{role}"
    parts = [
        each for each in _of_kind(Profile.CONSTRAINED, "ClusterRole") if each["metadata"]["labels"].get(label) == "true"
    ]
    return {(grant.verb, grant.resource) for part in parts for grant in _grants(part["rules"])}


@profiles
def test_no_rule_has_a_wildcard_or_a_url(profile: Profile) -> None:
    rules = _rules(profile)

    assert rules
    assert not [rule for rule in rules if "*" in str(rule) or "nonResourceURLs" in rule]


@profiles
def test_the_service_account_has_no_right_on_secrets_of_its_own(profile: Profile) -> None:
    held = _held_by(profile, SERVICE_ACCOUNT)

    assert [
        grant for grant in held if grant.resource == "secrets" and not grant.verb.startswith("impersonate-on:")
    ] == []


@profiles
def test_the_service_account_reads_namespaces_and_workspaces_and_writes_nothing(profile: Profile) -> None:
    held = {grant for grant in _held_by(profile, SERVICE_ACCOUNT) if not grant.verb.startswith("impersonate")}

    assert held == {
        Grant(verb, group, resource)
        for verb in ("get", "list", "watch")
        for group, resource in (("", "namespaces"), ("tenancy.secretspace.io", "workspaces"))
    }


def test_under_the_constrained_profile_nothing_that_grants_power_is_done_as_the_caller() -> None:
    held = _held_by(Profile.CONSTRAINED, SERVICE_ACCOUNT)
    as_caller = {grant for grant in held if grant.verb.startswith("impersonate-on:")}

    assert {grant.resource for grant in as_caller if not grant.verb.endswith(":list")} == {
        "secrets",
        "selfsubjectaccessreviews",
        "selfsubjectrulesreviews",
    }
    assert not {grant.resource for grant in as_caller} & {
        "namespaces",
        "rolebindings",
        "clusterrolebindings",
        "workspaces",
        "users",
    }


def test_the_constrained_profile_does_not_hold_the_classic_right() -> None:
    held = _held_by(Profile.CONSTRAINED, SERVICE_ACCOUNT)

    assert Grant("impersonate:user-info", "authentication.k8s.io", "users") in held
    assert "impersonate" not in {grant.verb for grant in held}


def test_the_classic_profile_impersonates_users_and_groups_only() -> None:
    held = {grant for grant in _held_by(Profile.CLASSIC, SERVICE_ACCOUNT) if "impersonate" in grant.verb}

    assert held == {Grant("impersonate", "", "users"), Grant("impersonate", "", "groups")}


@profiles
def test_the_reserved_user_has_secrets_of_the_service_namespace_and_nothing_else(profile: Profile) -> None:
    held = _held_by(profile, {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": RESERVED_USER_ACCOUNTS})

    assert {(grant.resource, grant.bound_in) for grant in held} == {("secrets", "secretspace-system")}


@profiles
def test_no_platform_role_reads_secrets(profile: Profile) -> None:
    groups = ("secretspace:platform-admins", "secretspace:workspace-creators")
    subjects = [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": name} for name in groups]
    held = [_held_by(profile, subject) for subject in subjects]

    assert all(held)
    assert "secrets" not in {grant.resource for grants in held for grant in grants}


def test_a_viewer_sees_that_secrets_exist_and_has_no_right_on_secrets() -> None:
    assert _aggregated("project-viewer") == {("list", METADATA)}


@profiles
def test_who_lists_for_viewers_may_do_so_where_the_service_binds_it_and_nowhere_else(profile: Profile) -> None:
    user = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": RESERVED_USER_METADATA}
    (role,) = [each for each in _of_kind(profile, "ClusterRole") if each["metadata"]["name"] == "secretspace:metadata"]

    assert list(_held_by(profile, user)) == []
    assert list(_grants(role["rules"])) == [Grant("list", "", "secrets")]


def test_a_reader_reads_secrets_and_an_operator_writes_them_too() -> None:
    reader, operator = _aggregated("project-reader"), _aggregated("project-operator")

    assert reader == {(verb, "secrets") for verb in ("get", "list", "watch")}
    assert reader < operator
    assert {verb for verb, resource in operator if resource == "secrets"} == {
        *("get", "list", "watch"),
        *("create", "update", "patch", "delete"),
    }
    assert {verb for verb, resource in operator if resource != "secrets"} == {"list"}


def test_a_project_admin_is_an_operator_who_may_hand_out_the_project_roles_and_no_other() -> None:
    bind = [rule for rule in _rules(Profile.CONSTRAINED) if "bind" in rule["verbs"]]

    assert _aggregated("project-operator") < _aggregated("project-admin")
    assert {("create", "rolebindings"), ("delete", "rolebindings"), ("bind", "clusterroles")} <= _aggregated(
        "project-admin"
    )
    assert [sorted(rule["resourceNames"]) for rule in bind] == [PROJECT_ROLES]
    assert not {verb for verb, _ in _aggregated("project-admin")} & {"escalate", "impersonate"}


def test_project_roles_leave_their_rules_to_the_control_plane() -> None:
    roles = [role for role in _of_kind(Profile.CONSTRAINED, "ClusterRole") if role["metadata"]["name"] in PROJECT_ROLES]

    assert [role["metadata"]["name"] for role in roles] == PROJECT_ROLES
    assert all("aggregationRule" in role and "rules" not in role for role in roles)


@profiles
def test_the_namespace_comes_first_and_the_stream_holds_each_object_once(profile: Profile) -> None:
    objects = list(manifest_objects(profile))
    identities = [(each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"]) for each in objects]

    assert identities[0] == ("Namespace", None, "secretspace-system")
    assert len(identities) == len(set(identities))


@profiles
def test_the_stream_holds_each_file_with_its_comments(profile: Profile) -> None:
    stream = manifest_stream(profile)

    assert all(path.read_text(encoding="utf-8") in stream for path in manifest_files(profile))


def test_every_file_belongs_to_a_profile_and_says_why_it_is_there() -> None:
    used = {path for profile in Profile for path in manifest_files(profile)}
    folder = Path(__file__).parents[2] / "deploy" / "manifests"

    assert used == set(folder.glob("*.yaml"))
    assert all(path.read_text(encoding="utf-8").startswith("# ") for path in used)


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
