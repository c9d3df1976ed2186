"""What is said of who holds which rights: the service's account, its own users, and those who can read its Secrets."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.doctor.account import check_account_bindings, check_account_secrets
from app.doctor.finding import Finding
from app.doctor.installation import Installation, Question, ServiceAccount, Unread
from app.doctor.platform_admin import check_platform_admins
from app.doctor.rbac import Binding, RbacSubject, Role, RoleRef
from app.doctor.reserved_user import check_reserved_users
from app.domain.access import Rule
from app.domain.secret import Metadata
from app.domain.version import Version
from tests.unit.doctor.installed import BOOTSTRAP, bound, installed, rule, troubles

SYSTEM = "secretspace-system"
ACCOUNT = ServiceAccount().subject
METADATA_USER, ACCOUNTS_USER = RbacSubject("User", f"{SYSTEM}:metadata"), RbacSubject("User", f"{SYSTEM}:accounts")
ANNA, MASTERS = RbacSubject("User", "anna"), RbacSubject("Group", "system:masters")
EVERYTHING = Rule(frozenset("*"), frozenset("*"), frozenset("*"))
Check = Callable[[Installation], Iterator[Finding]]


def _with(binding: Binding, *rules: Rule) -> Installation:
    """A healthy installation, with a binding more, whose role has these rules."""
    found = installed()
    assert isinstance(found.bindings, tuple)
    assert isinstance(found.cluster_roles, tuple)
    role = Role(binding.role, rules)
    return replace(found, bindings=(*found.bindings, binding), cluster_roles=(*found.cluster_roles, role))


def _said(check: Check, found: Installation) -> list[tuple[str, str, str]]:
    return troubles(list(check(found)))


@pytest.mark.parametrize(
    "check", [check_account_bindings, check_account_secrets, check_platform_admins, check_reserved_users]
)
def test_a_healthy_installation_gives_no_right_too_many(check: Check) -> None:
    assert _said(check, installed()) == []


@pytest.mark.parametrize(
    "name",
    [
        ACCOUNT,
        RbacSubject("User", "system:serviceaccount:secretspace-system:secretspace"),
        RbacSubject("Group", "system:serviceaccounts"),
        RbacSubject("Group", f"system:serviceaccounts:{SYSTEM}"),
        RbacSubject("Group", "system:authenticated"),
    ],
)
def test_a_binding_reaches_the_account_by_any_of_its_names(name: RbacSubject) -> None:
    ((severity, subject, message),) = _said(check_account_bindings, _with(bound(name, "view", "default")))

    assert (severity, subject) == ("warning", str(ACCOUNT))
    assert message.startswith("It also has ClusterRole view, by RoleBinding default/extra.")


def test_bindings_that_every_cluster_has_are_not_held_against_the_account() -> None:
    everybody = RbacSubject("Group", "system:authenticated")

    usual = _with(bound(everybody, "system:discovery", labels=BOOTSTRAP))
    others = [
        _with(bound(everybody, "view", labels=BOOTSTRAP)),
        _with(bound(everybody, "system:node")),
        _with(bound(everybody, "system:node", SYSTEM, BOOTSTRAP)),
    ]

    assert _said(check_account_bindings, usual) == []
    assert [len(_said(check_account_bindings, other)) for other in others] == [1, 1, 1]


def test_many_bindings_of_one_role_are_one_finding() -> None:
    found = installed()
    assert isinstance(found.bindings, tuple)
    many = [bound(ACCOUNT, "view", f"n{number}") for number in range(9)]

    ((_, _, message),) = _said(check_account_bindings, replace(found, bindings=(*found.bindings, *many)))

    assert "RoleBinding n5/extra and 3 more." in message


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (Question("get", "", "secrets"), "It may get Secrets in every namespace as itself"),
        (Question("list", "", "secrets", namespace=SYSTEM), f"It may list Secrets in {SYSTEM} as itself"),
    ],
)
def test_an_account_that_reads_secrets_as_itself_is_an_error(question: Question, told: str) -> None:
    found = installed()
    assert not isinstance(found.allowed, Unread)

    ((severity, _, message),) = _said(check_account_secrets, replace(found, allowed={**found.allowed, question: True}))

    assert severity == "error"
    assert message.startswith(told)


@pytest.mark.parametrize(
    ("given", "can"),
    [
        (rule("get", "secrets"), "read Secrets"),
        (rule("watch", "secrets", names="one"), "read Secrets (named one)"),
        (rule("create", "pods"), "start Pods"),
        (rule("patch", "deployments", "apps"), "start Pods"),
        (rule("get", "pods/exec"), "enter Pods"),
        (rule("create", "*/exec"), "enter Pods"),
        (rule("create", "serviceaccounts/token"), "take tokens of service accounts"),
        (rule("impersonate", "users"), "act as others"),
        (rule("escalate", "roles", "rbac.authorization.k8s.io"), "hand out any right"),
        (EVERYTHING, "act as others, enter Pods, hand out any right, read Secrets, start Pods, take tokens of service"),
    ],
)
@pytest.mark.parametrize("namespace", ["", SYSTEM])
def test_whoever_can_get_at_the_service_s_secrets_is_listed_with_how(given: Rule, can: str, namespace: str) -> None:
    ((severity, subject, message),) = _said(check_platform_admins, _with(bound(ANNA, "some", namespace), given))

    assert (severity, subject) == ("warning", "User anna")
    assert message.startswith(f"Can {can}")
    assert message.endswith(": is a platform admin in effect. See that this is meant.")


@pytest.mark.parametrize(
    ("binding", "given"),
    [
        (bound(ANNA, "some", "default"), EVERYTHING),
        (bound(ANNA, "some"), rule("get list watch", "configmaps pods deployments")),
        (bound(ANNA, "some"), rule("create update delete", "secrets")),
        (bound(ANNA, "some"), rule("get", "secrets", "example.org")),
        (bound(MASTERS, "some", labels=BOOTSTRAP), EVERYTHING),
        (bound(RbacSubject("ServiceAccount", "x", "kube-system"), "some", labels=BOOTSTRAP), EVERYTHING),
    ],
    ids=["elsewhere", "no Secrets", "writes alone", "another group", "masters", "controllers"],
)
def test_whoever_cannot_and_kubernetes_itself_are_not_listed(binding: Binding, given: Rule) -> None:
    assert _said(check_platform_admins, _with(binding, given)) == []


@pytest.mark.parametrize(
    "subject",
    [
        ANNA,
        RbacSubject("Group", "system:authenticated"),
        RbacSubject("ServiceAccount", "x", "default"),
        RbacSubject("User", "system:serviceaccount:default:x"),
    ],
)
def test_whoever_was_put_into_a_binding_that_every_cluster_has_is_listed(subject: RbacSubject) -> None:
    found = _with(bound(subject, "cluster-admin", labels=BOOTSTRAP), EVERYTHING)

    assert [each for _, each, _ in _said(check_platform_admins, found)] == [str(subject)]


@pytest.mark.parametrize("binding", [bound(MASTERS, "some"), bound(MASTERS, "some", SYSTEM, BOOTSTRAP)])
def test_a_binding_that_only_looks_like_one_that_every_cluster_has_is_listed(binding: Binding) -> None:
    assert [each for _, each, _ in _said(check_platform_admins, _with(binding, EVERYTHING))] == [str(MASTERS)]


def test_a_binding_of_a_role_that_is_not_there_gives_nothing() -> None:
    found = installed()
    assert isinstance(found.bindings, tuple)
    dangling = Binding("extra", RoleRef("Role", "none", SYSTEM), (ANNA,), SYSTEM)

    assert _said(check_platform_admins, replace(found, bindings=(*found.bindings, dangling))) == []


def _namespace(name: str, managed_by: str) -> Metadata:
    labels = {"app.kubernetes.io/managed-by": managed_by}
    annotations = {"secretspace.io/workspace-uid": "uid"}
    return Metadata(name, "", Version("u", "1"), datetime.now(UTC), labels, annotations)


def test_the_user_for_viewers_is_told_to_read_values_in_so_many_projects() -> None:
    found = replace(
        _with(bound(METADATA_USER, "secretspace:metadata", "one")), namespaces=(_namespace("one", "secretspace"),)
    )

    (said,) = [each for each in check_reserved_users(found) if each.subject == str(METADATA_USER)]

    assert said.severity == "ok"
    assert said.message.startswith("It can read values in 1 namespaces (one), for viewers")


def test_the_user_for_viewers_in_namespaces_of_others_is_a_warning() -> None:
    found = replace(_with(bound(METADATA_USER, "secretspace:metadata", "one")), namespaces=(_namespace("one", "helm"),))

    ((severity, _, message),) = _said(check_reserved_users, found)

    assert severity == "warning"
    assert "The service did not make one" in message


@pytest.mark.parametrize(
    ("binding", "told"),
    [
        (bound(METADATA_USER, "secretspace:metadata"), "It can read values in every namespace"),
        (bound(METADATA_USER, "view", "one"), "It has another role than secretspace:metadata"),
        (bound(ACCOUNTS_USER, "view", SYSTEM), f"It has more than the Secrets of {SYSTEM}"),
    ],
)
def test_one_of_the_service_s_own_users_with_more_than_it_needs_is_an_error(binding: Binding, told: str) -> None:
    found = replace(_with(binding), namespaces=(_namespace("one", "secretspace"),))

    ((severity, _, message),) = _said(check_reserved_users, found)

    assert severity == "error"
    assert message.startswith(told)
