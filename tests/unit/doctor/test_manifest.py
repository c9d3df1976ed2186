"""What is said of objects that are not as they were shipped."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.doctor.installation import Installation, ServiceAccount, Unread
from app.doctor.manifest import check_manifests, check_project_roles
from app.doctor.rbac import Role, RoleRef
from app.manifests import Profile
from tests.unit.doctor.installed import changed, installed, rule, troubles

IMPERSONATION = "secretspace:impersonation-constrained"
CRD = "workspaces.tenancy.secretspace.io"
POLICY = "secretspace-namespaces"


def _said(found: Installation) -> list[tuple[str, str, str]]:
    return troubles(list(check_manifests(found)))


def _of(kind: str, name: str, change: Callable[[dict[str, Any]], object]) -> list[tuple[str, str]]:
    """Severity and the first sentence of what is said after a change."""
    said = _said(changed(installed(), kind, name, change))
    assert {subject for _, subject, _ in said} <= {f"{kind} {name}"}
    return [(severity, message.partition(". ")[0].removesuffix(".")) for severity, _, message in said]


@pytest.mark.parametrize("profile", list(Profile))
@pytest.mark.parametrize("account", [ServiceAccount(), ServiceAccount("elsewhere", "other")])
def test_what_was_just_applied_is_as_shipped(profile: Profile, account: ServiceAccount) -> None:
    assert _said(installed(profile, account)) == []


def test_the_service_elsewhere_is_measured_by_policies_that_name_it_there() -> None:
    found = replace(installed(), account=ServiceAccount("elsewhere", "other"))

    said = {subject: message for _, subject, message in _said(found)}

    assert said["ValidatingAdmissionPolicy secretspace-role-bindings"].startswith("It does not hold the service")
    assert said["Namespace elsewhere"].startswith("It is missing")


def test_an_object_that_is_not_there_is_an_error_and_the_remedy_names_the_profile() -> None:
    found = installed(Profile.CLASSIC, kubernetes="v1.35.1")
    objects = {path: each for path, each in found.objects.items() if CRD not in path}

    assert _said(replace(found, objects=objects)) == [
        (
            "error",
            f"CustomResourceDefinition {CRD}",
            "It is missing. Apply what `secretspace manifests --profile classic` prints.",
        )
    ]


def test_an_object_that_may_not_be_read_is_unknown() -> None:
    found = installed()
    objects = {
        path: Unread("get namespaces") if path.endswith("-system") else each for path, each in found.objects.items()
    }

    assert _said(replace(found, objects=objects)) == [
        ("unknown", "Namespace secretspace-system", "You may not get namespaces.")
    ]


@pytest.mark.parametrize("status", [{}, {"conditions": [{"type": "Established", "status": "False"}]}])
def test_a_kind_that_is_not_served_is_an_error(status: dict[str, Any]) -> None:
    said = _of("CustomResourceDefinition", CRD, lambda found: found.update(status=status))

    assert said == [("error", "The API server does not serve it: its conditions say why")]


def test_a_kind_of_another_version_of_the_service_is_a_warning() -> None:
    def older(found: dict[str, Any]) -> None:
        del found["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["status"]

    said = _of("CustomResourceDefinition", CRD, older)

    assert said == [("warning", "It is not that of this version")]


def test_a_kind_that_has_more_versions_than_were_shipped_is_a_warning() -> None:
    def newer(found: dict[str, Any]) -> None:
        found["spec"]["versions"].append({"name": "v2"})

    assert _of("CustomResourceDefinition", CRD, newer) == [("warning", "It is not that of this version")]


def test_what_the_api_server_adds_to_a_kind_is_no_difference() -> None:
    said = _of("CustomResourceDefinition", CRD, lambda found: found["spec"].update(conversion={"strategy": "None"}))

    assert said == []


@pytest.mark.parametrize("labels", [None, {}, {"pod-security.kubernetes.io/enforce": "privileged"}])
def test_a_namespace_whose_pods_may_have_privileges_is_a_warning(labels: dict[str, str] | None) -> None:
    said = _of("Namespace", "secretspace-system", lambda found: found["metadata"].update(labels=labels))

    assert [severity for severity, _ in said] == ["warning"]


def test_who_the_service_acts_as_may_be_narrowed_to_people_and_its_own_users() -> None:
    own = "secretspace-system:accounts secretspace-system:metadata"

    def narrowed(found: dict[str, Any]) -> None:
        who = {"apiGroups": ["authentication.k8s.io"], "verbs": ["impersonate:user-info"]}
        users = {**who, "resources": ["users"], "resourceNames": [*own.split(), "anna"]}
        found["rules"][:1] = [users, {**who, "resources": ["groups"], "resourceNames": ["team"]}]

    assert _of("ClusterRole", IMPERSONATION, narrowed) == []


def test_where_its_own_users_are_not_among_them_that_is_an_error() -> None:
    def narrowed(found: dict[str, Any]) -> None:
        found["rules"][0]["resourceNames"] = ["secretspace-system:accounts", "anna"]

    ((severity, message),) = _of("ClusterRole", IMPERSONATION, narrowed)

    assert severity == "error"
    assert message == ("It lacks: impersonate:user-info users.authentication.k8s.io secretspace-system:metadata")


def test_where_it_may_act_as_nobody_that_is_an_error() -> None:
    ((severity, message),) = _of("ClusterRole", IMPERSONATION, lambda found: found["rules"].pop(0))

    who = (f"impersonate:user-info {resource}.authentication.k8s.io" for resource in ("groups", "users"))
    assert (severity, message) == ("error", f"It lacks: {', '.join(who)}")


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}, "* *.*"),
        ({"nonResourceURLs": ["/metrics"], "verbs": ["get"]}, "get /metrics"),
        ({"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["one"], "verbs": ["get"]}, "get secrets one"),
    ],
)
def test_rules_beyond_the_shipped_ones_are_too_wide(more: dict[str, Any], named: str) -> None:
    said = _of("ClusterRole", "secretspace:service", lambda found: found["rules"].append(more))

    assert said == [("warning", f"It is too wide: {named}")]


def test_a_rule_that_was_shipped_for_some_names_and_is_there_for_all_is_too_wide() -> None:
    def widened(found: dict[str, Any]) -> None:
        for each in found["rules"]:
            each.pop("resourceNames", None)

    said = _of("ClusterRole", "secretspace:service", widened)

    assert said == [("warning", "It is too wide: bind clusterroles.rbac.authorization.k8s.io")]


def test_a_role_put_together_from_other_parts_is_an_error() -> None:
    said = _of("ClusterRole", "secretspace:project-admin", lambda found: found.pop("aggregationRule"))

    assert [severity for severity, _ in said] == ["error"]


def test_a_binding_of_another_role_is_an_error() -> None:
    said = _of("ClusterRoleBinding", "secretspace:service", lambda found: found["roleRef"].update(name="cluster-admin"))

    assert said == [("error", "It binds ClusterRole cluster-admin instead of ClusterRole secretspace:service")]


def test_a_binding_that_names_somebody_else_too_is_a_warning() -> None:
    other = {"kind": "User", "name": "anna"}

    said = _of("ClusterRoleBinding", "secretspace:service", lambda found: found["subjects"].append(other))

    assert said == [("warning", "It also names User anna")]


def test_a_binding_that_names_nobody_is_an_error() -> None:
    said = _of("ClusterRoleBinding", "secretspace:service", lambda found: found.update(subjects=None))

    assert said == [("error", "It does not name ServiceAccount secretspace-system/secretspace")]


def test_another_prefix_of_the_platform_admins_is_a_warning_for_it_is_a_setting() -> None:
    other = [{"kind": "Group", "name": "local:platform-admins"}]

    ((severity, message),) = _of(
        "ClusterRoleBinding", "secretspace:platform-admins", lambda found: found.update(subjects=other)
    )

    assert severity == "warning"
    assert "SECRETSPACE_IDENTITY__LOCAL__PREFIX" in message


def test_what_the_api_server_fills_into_a_policy_is_no_difference() -> None:
    def filled(found: dict[str, Any]) -> None:
        constraints = found["spec"]["matchConstraints"]
        constraints |= {"matchPolicy": "Equivalent", "namespaceSelector": {}, "objectSelector": {}}
        constraints["resourceRules"][0]["scope"] = "*"

    assert _of("ValidatingAdmissionPolicy", POLICY, filled) == []


def test_a_policy_that_looks_away_under_a_further_condition_is_an_error() -> None:
    never = {"name": "never", "expression": "false"}

    said = _of("ValidatingAdmissionPolicy", POLICY, lambda found: found["spec"]["matchConditions"].append(never))

    assert said == [("error", "It does not hold the service as it should: matchConditions is not as shipped")]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"validationActions": ["Warn", "Audit"]}, "The policy refuses nothing: validationActions lacks Deny"),
        ({"policyName": "other"}, "The policy does not hold everywhere: policyName is not as shipped"),
        ({"matchResources": {"matchPolicy": "Exact"}}, "The policy does not hold everywhere: matchResources is not as"),
    ],
)
def test_a_policy_that_is_not_bound_to_refuse_everywhere_is_an_error(change: dict[str, Any], told: str) -> None:
    ((severity, message),) = _of("ValidatingAdmissionPolicyBinding", POLICY, lambda found: found["spec"].update(change))

    assert severity == "error"
    assert message.startswith(told)


def test_a_policy_that_refuses_and_writes_no_annotation_is_as_good() -> None:
    denies = {"validationActions": ["Deny"]}

    assert _of("ValidatingAdmissionPolicyBinding", POLICY, lambda found: found["spec"].update(denies)) == []


def test_the_project_roles_hold_what_was_shipped() -> None:
    assert troubles(list(check_project_roles(installed()))) == []


def test_a_project_role_that_lacks_a_part_is_an_error() -> None:
    found = installed()
    assert isinstance(found.cluster_roles, tuple)
    roles = [replace(each, rules=()) if each.ref.name.endswith("-viewer") else each for each in found.cluster_roles]

    ((severity, subject, message),) = troubles(list(check_project_roles(replace(found, cluster_roles=tuple(roles)))))

    assert (severity, subject) == ("error", "ClusterRole secretspace:project-viewer")
    assert message.startswith("It lacks: list secrets/metadata.")


def test_what_a_part_by_others_adds_is_named_and_what_it_adds_nothing_with_is_not() -> None:
    found = installed()
    assert isinstance(found.cluster_roles, tuple)
    label = {"rbac.secretspace.io/aggregate-to-project-viewer": "true"}
    same = Role(RoleRef("ClusterRole", "same"), (rule("list", "secrets/metadata"),), label)
    more = Role(RoleRef("ClusterRole", "more"), (rule("get", "secrets"),), label)

    def with_part(part: Role) -> Installation:
        grown = (
            replace(each, rules=(*each.rules, *part.rules)) if each.ref.name.endswith("-viewer") else each
            for each in found.cluster_roles  # type: ignore[union-attr]
        )
        return replace(found, cluster_roles=(*grown, part))

    assert troubles(list(check_project_roles(with_part(same)))) == []
    ((severity, _, message),) = troubles(list(check_project_roles(with_part(more))))
    assert severity == "warning"
    assert message.startswith("More was added than is shipped: get secrets, by more. Whoever may hand out this role")
