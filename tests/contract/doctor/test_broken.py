"""What `secretspace doctor` sees of an installation that lost something, or came to hold too much."""

import json

import pytest

from app.manifests import Profile, manifest_objects
from tests.contract.doctor.conftest import RBAC, Doctor, Installation, Seen, binding, cluster_role, user

ACCOUNT = "ServiceAccount secretspace-system/secretspace"
METADATA_USER = "secretspace-system:metadata"


async def test_a_role_without_one_of_its_rules_is_an_error_that_names_what_is_lacking(
    doctor: Doctor, installation: Installation
) -> None:
    role = installation.shipped("ClusterRole", "secretspace:service")
    rules = [rule for rule in role["rules"] if rule["resources"] != ["workspaces/status"]]

    async with installation.changed(role, {"rules": rules}):
        seen = await doctor.seen()

    assert seen.exit_code == 1
    ((subject, (severity, message)),) = seen.troubles.items()
    assert (subject, severity) == (("manifests", "ClusterRole secretspace:service"), "error")
    assert message.startswith("It lacks: patch workspaces/status.tenancy.secretspace.io. Apply what `secretspace")


async def test_a_role_with_more_than_was_shipped_is_too_wide(doctor: Doctor, installation: Installation) -> None:
    role = installation.shipped("ClusterRole", "secretspace:platform-admin")
    more = {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get"]}

    async with installation.changed(role, {"rules": [*role["rules"], more]}):
        seen = await doctor.seen()
        strict = await doctor.run("--strict")

    severity, message = seen.troubles["manifests", "ClusterRole secretspace:platform-admin"]
    assert (seen.exit_code, strict.exit_code) == (0, 4)
    assert (severity, message.partition(". ")[0]) == ("warning", "It is too wide: get nodes")


async def test_right_on_secrets_of_its_own_is_an_error_however_the_account_got_it(
    doctor: Doctor, installation: Installation
) -> None:
    subject = {"apiGroup": RBAC, "kind": "Group", "name": "system:serviceaccounts:secretspace-system"}
    extra = binding("extra", "admin", subject, "secretspace-system")

    async with installation.with_object(extra):
        seen = await doctor.seen()

    assert seen.exit_code == 1
    severity, message = seen.troubles["account-secrets", ACCOUNT]
    assert severity == "error"
    assert message.startswith("It may get, list, watch Secrets in secretspace-system as itself")
    severity, message = seen.troubles["account-bindings", ACCOUNT]
    assert severity == "warning"
    assert "ClusterRole admin, by RoleBinding secretspace-system/extra" in message


async def test_a_classic_binding_left_beside_the_constrained_one_is_an_error(
    doctor: Doctor, installation: Installation
) -> None:
    role, left = list(manifest_objects(Profile.CLASSIC))[-2:]

    async with installation.with_object(role), installation.with_object(left):
        seen = await doctor.seen()

    assert (seen.exit_code, seen.document["profile"]) == (1, "both")
    severity, message = seen.troubles["profile", "impersonation"]
    assert severity == "error"
    assert "Delete the ClusterRoleBinding secretspace:impersonation-classic" in message
    assert "secretspace:impersonation-classic" in seen.troubles["account-bindings", ACCOUNT][1]


async def test_without_any_right_to_impersonate_there_is_no_profile_in_force(
    doctor: Doctor, installation: Installation
) -> None:
    name = f"secretspace:impersonation-{installation.cluster.profile}"

    async with installation.without(installation.shipped("ClusterRoleBinding", name)):
        seen = await doctor.seen()

    assert (seen.exit_code, seen.document["profile"]) == (1, "none")
    assert seen.troubles["profile", "impersonation"][0] == "error"
    assert seen.troubles["manifests", f"ClusterRoleBinding {name}"][1].startswith("It is missing. Apply ")


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        ("ValidatingAdmissionPolicy", {"spec": {"failurePolicy": "Ignore"}}, "failurePolicy is not as shipped"),
        ("ValidatingAdmissionPolicy", {"spec": {"validations": [{"expression": "true"}]}}, "validations is not as"),
        (
            "ValidatingAdmissionPolicy",
            {"spec": {"matchConstraints": {"namespaceSelector": {"matchLabels": {"a": "b"}}}}},
            "matchConstraints is not as shipped",
        ),
        ("ValidatingAdmissionPolicyBinding", {"spec": {"validationActions": ["Warn"]}}, "lacks Deny"),
        (
            "ValidatingAdmissionPolicyBinding",
            {"spec": {"matchResources": {"namespaceSelector": {"matchLabels": {"a": "b"}}}}},
            "matchResources is not as shipped",
        ),
    ],
    ids=["ignores failures", "other expressions", "fewer namespaces", "warns only", "bound to fewer namespaces"],
)
async def test_a_policy_that_lets_more_through_is_an_error(
    doctor: Doctor, installation: Installation, kind: str, change: dict[str, object], message: str
) -> None:
    policy = installation.shipped(kind, "secretspace-role-bindings")

    async with installation.changed(policy, change):
        seen = await doctor.seen()

    assert seen.exit_code == 1
    severity, said = seen.troubles["manifests", f"{kind} secretspace-role-bindings"]
    assert severity == "error"
    assert message in said


@pytest.mark.parametrize("kind", ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"])
async def test_a_policy_that_is_gone_is_an_error(doctor: Doctor, installation: Installation, kind: str) -> None:
    async with installation.without(installation.shipped(kind, "secretspace-namespaces")):
        seen = await doctor.seen()

    assert seen.exit_code == 1
    assert seen.troubles["manifests", f"{kind} secretspace-namespaces"][0] == "error"


async def test_what_was_added_to_a_project_role_is_named_with_who_added_it(
    doctor: Doctor, installation: Installation
) -> None:
    rule = {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]}
    added = cluster_role("extra-for-readers", rule, "rbac.secretspace.io/aggregate-to-project-reader")

    async with installation.with_object(added):
        await installation.until_role_has("secretspace:project-reader", "pods/log")
        seen = await doctor.seen()
    await installation.until_role_has("secretspace:project-reader", "pods/log", has=False)

    severity, message = seen.troubles["project-roles", "ClusterRole secretspace:project-reader"]
    assert (seen.exit_code, severity) == (0, "warning")
    assert "get pods/log, by extra-for-readers" in message


async def test_who_can_read_the_namespace_of_the_service_is_listed_with_how(
    doctor: Doctor, installation: Installation
) -> None:
    named = {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["one"], "verbs": ["get"]}
    anna = binding("anna", "view-one", user("anna"), "secretspace-system")
    team = {"apiGroup": RBAC, "kind": "Group", "name": "team"}
    elsewhere = binding("ben", "admin", user("ben"), "default")

    async with (
        installation.with_object(cluster_role("view-one", named)),
        installation.with_object(anna),
        installation.with_object(binding("team", "cluster-admin", team)),
        installation.with_object(elsewhere),
    ):
        seen = await doctor.seen()

    admins = {subject: said for (check, subject), said in seen.troubles.items() if check == "platform-admins"}
    assert set(admins) == {"User anna", "Group team"}
    assert {severity for severity, _ in admins.values()} == {"warning"}
    assert admins["User anna"][1].startswith("Can read Secrets (named one) in secretspace-system, by RoleBinding ")
    assert "act as others" in admins["Group team"][1]
    assert "ClusterRoleBinding team: is a platform admin in effect" in admins["Group team"][1]


async def test_the_user_for_viewers_bound_in_the_whole_cluster_is_an_error(
    doctor: Doctor, installation: Installation
) -> None:
    async with installation.with_object(binding("wide", "secretspace:metadata", user(METADATA_USER))):
        seen = await doctor.seen()

    severity, message = seen.troubles["reserved-users", f"User {METADATA_USER}"]
    assert (seen.exit_code, severity) == (1, "error")
    assert "delete ClusterRoleBinding wide" in message


async def test_the_user_of_the_accounts_bound_elsewhere_is_an_error(doctor: Doctor, installation: Installation) -> None:
    async with installation.with_object(binding("odd", "view", user("secretspace-system:accounts"), "default")):
        seen = await doctor.seen()

    severity, message = seen.troubles["reserved-users", "User secretspace-system:accounts"]
    assert (seen.exit_code, severity) == (1, "error")
    assert "delete RoleBinding default/odd" in message


async def test_a_namespace_that_claims_a_workspace_it_was_not_made_for_is_a_warning(
    doctor: Doctor, installation: Installation
) -> None:
    workspace = {
        "apiVersion": "tenancy.secretspace.io/v1",
        "kind": "Workspace",
        "metadata": {"name": "one"},
        "spec": {},
    }
    stray = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "stray", "labels": {"kubesphere.io/workspace": "one"}},
    }
    await installation.admin.post("/api/v1/namespaces", stray)

    async with installation.with_object(workspace):
        seen = await doctor.seen()
    by_label_alone = await doctor.seen()

    severity, message = seen.troubles["projects", "Namespace stray"]
    assert (seen.exit_code, severity) == (0, "warning")
    assert "It names the workspace one by a label" in message
    assert by_label_alone.troubles == {}
    assert "these names: one" in str(by_label_alone.document["findings"])


async def test_a_workspace_whose_members_wait_for_their_roles_is_a_warning(
    doctor: Doctor, installation: Installation
) -> None:
    workspace = {
        "apiVersion": "tenancy.secretspace.io/v1",
        "kind": "Workspace",
        "metadata": {"name": "late"},
        "spec": {},
    }
    condition = {
        "type": "Synced",
        "status": "False",
        "reason": "Refused",
        "message": "",
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }

    async with installation.with_object(workspace):
        path = "/apis/tenancy.secretspace.io/v1/workspaces/late/status"
        await installation.admin.merge(path, {"status": {"conditions": [condition]}})
        seen = await doctor.seen()

    assert seen.troubles["workspaces", "Workspace late"][0] == "warning"


async def test_an_operator_who_may_not_look_is_told_what_is_unknown_and_never_that_it_is_ok(
    little: Doctor,
) -> None:
    done = await little.as_process("--json")
    seen = Seen(done.returncode, json.loads(done.stdout))

    unknown = {check for (check, _), (severity, _) in seen.troubles.items() if severity == "unknown"}
    assert (seen.exit_code, seen.document["profile"]) == (3, "unknown")
    assert unknown == {
        *("profile", "manifests", "project-roles", "account-bindings", "account-secrets"),
        *("platform-admins", "reserved-users", "projects", "workspaces"),
    }
    assert [each["check"] for each in seen.document["findings"] if each["severity"] == "ok"] == ["kubernetes"]
    assert "you may not create subjectaccessreviews" in seen.troubles["profile", "impersonation"][1]
    assert done.stderr == ""
