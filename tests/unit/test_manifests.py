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
PROJECT_ROLES = [
    "secretspace:project-admin",
    "secretspace:project-operator",
    "secretspace:project-reader",
    "secretspace:project-viewer",
]
METADATA_ROLE = "secretspace:metadata"
RBAC = "rbac.authorization.k8s.io"
TENANCY = "tenancy.secretspace.io"

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


def _cluster_role(profile: Profile, name: str) -> dict[str, Any]:
    (role,) = [each for each in _of_kind(profile, "ClusterRole") if each["metadata"]["name"] == name]
    return role


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
def test_as_itself_the_service_account_keeps_workspaces_projects_and_members(profile: Profile) -> None:
    held = {grant for grant in _held_by(profile, SERVICE_ACCOUNT) if not grant.verb.startswith("impersonate")}
    reads = ("get", "list", "watch")

    assert held == {
        *(Grant(verb, "", "namespaces") for verb in (*reads, "create", "patch", "delete")),
        *(Grant(verb, TENANCY, "workspaces") for verb in (*reads, "create", "patch", "delete")),
        Grant("patch", TENANCY, "workspaces/status"),
        *(Grant(verb, RBAC, "rolebindings") for verb in (*reads, "create", "update", "delete")),
        Grant("bind", RBAC, "clusterroles"),
    }


@profiles
def test_the_service_account_binds_the_project_roles_and_the_one_of_its_reserved_user_by_name(profile: Profile) -> None:
    rules = _cluster_role(profile, "secretspace:service")["rules"]

    assert [
        (rule["resources"], rule["verbs"], sorted(rule["resourceNames"])) for rule in rules if "resourceNames" in rule
    ] == [(["clusterroles"], ["bind"], [METADATA_ROLE, *PROJECT_ROLES])]
    assert [rule["verbs"] for rule in rules if "clusterroles" in rule["resources"]] == [["bind"]]


@profiles
def test_everything_the_service_account_writes_of_the_clusters_own_is_held_by_a_policy(profile: Profile) -> None:
    enforced = {
        binding["spec"]["policyName"]: binding["spec"]["validationActions"]
        for binding in _of_kind(profile, "ValidatingAdmissionPolicyBinding")
    }
    policies = {each["metadata"]["name"]: each["spec"] for each in _of_kind(profile, "ValidatingAdmissionPolicy")}
    of_the_service = [policies[name] for name in ("secretspace-namespaces", "secretspace-role-bindings")]
    held = {
        resource: rule["operations"]
        for spec in of_the_service
        for rule in spec["matchConstraints"]["resourceRules"]
        for resource in rule["resources"]
    }

    assert held == {"namespaces": ["CREATE", "UPDATE", "DELETE"], "rolebindings": ["CREATE", "UPDATE", "DELETE"]}
    assert enforced == {name: ["Deny", "Audit"] for name in policies}
    assert {spec["failurePolicy"] for spec in policies.values()} == {"Fail"}


@profiles
def test_a_policy_is_there_before_what_it_holds_is_allowed(profile: Profile) -> None:
    kinds = [(each["kind"], each["metadata"]["name"]) for each in manifest_objects(profile)]

    assert kinds.index(("ValidatingAdmissionPolicyBinding", "secretspace-role-bindings")) < kinds.index(
        ("ClusterRoleBinding", "secretspace:service")
    )


@profiles
def test_a_policy_names_the_very_account_that_is_bound(profile: Profile) -> None:
    account = "system:serviceaccount:{namespace}:{name}".format(**SERVICE_ACCOUNT)

    named = {
        policy["metadata"]["name"]: policy["spec"]["matchConditions"][0]["expression"]
        for policy in _of_kind(profile, "ValidatingAdmissionPolicy")
    }

    assert named == {
        "secretspace-namespaces": f'request.userInfo.username == "{account}"',
        "secretspace-role-bindings": f'request.userInfo.username == "{account}"',
        "secretspace-adoption": f'request.userInfo.username != "{account}"',
    }


@profiles
def test_the_role_that_lists_secrets_for_viewers_is_bound_to_nobody(profile: Profile) -> None:
    role = _cluster_role(profile, METADATA_ROLE)
    bindings = _of_kind(profile, "RoleBinding", "ClusterRoleBinding")

    assert role["rules"] == [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]}]
    assert METADATA_ROLE not in {binding["roleRef"]["name"] for binding in bindings}
    assert [label for label in role["metadata"]["labels"] if "aggregate" in label] == []


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
    manage = _cluster_role(Profile.CONSTRAINED, "secretspace:project:manage")
    bind = [rule for rule in manage["rules"] if "bind" in rule["verbs"]]

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
