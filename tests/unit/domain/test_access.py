from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.access import METADATA, Action, Rule, Rules
from app.domain.secret import SecretRow, StoredSecret
from tests.unit.sample import row, stored

VERBS = ("get", "list", "create", "patch", "delete")
EVERY_ACTION_ON_ONE = (
    Action.VIEW,
    Action.REVEAL,
    Action.UPDATE_INFO,
    Action.UPDATE_KEYS,
    Action.UPDATE_DATA,
    Action.UPDATE_YAML,
    Action.RESTORE,
    Action.NEW_VERSION,
    Action.DELETE,
)
READS = (Action.VIEW, Action.REVEAL)


def rule(*verbs: str, resources: tuple[str, ...] = ("secrets",), group: str = "", names: tuple[str, ...] = ()) -> Rule:
    return Rule(frozenset(verbs), frozenset({group}), frozenset(resources), frozenset(names))


def rules(*verbs: str, names: tuple[str, ...] = ()) -> Rules:
    return Rules((rule(*verbs, names=names),))


@pytest.mark.parametrize(
    ("verbs", "actions"),
    [
        ((), ()),
        (("list",), (Action.LIST,)),
        (("create",), (Action.CREATE,)),
        (("get",), READS),
        (("patch",), (Action.UPDATE_INFO, Action.UPDATE_KEYS)),
        (("get", "patch"), EVERY_ACTION_ON_ONE[:-3]),
        (("get", "list", "patch"), (Action.LIST, *EVERY_ACTION_ON_ONE[:-2])),
        (("delete",), (Action.DELETE,)),
        (("update", "watch", "deletecollection"), ()),
        (("*",), tuple(Action)),
        (VERBS, tuple(Action)),
    ],
    ids=str,
)
def test_verbs_make_actions(verbs: tuple[str, ...], actions: tuple[Action, ...]) -> None:
    assert rules(*verbs).actions() == actions


@pytest.mark.parametrize(
    ("given_rule", "allowed"),
    [
        (rule("get"), True),
        (rule("get", resources=("*",)), True),
        (rule("get", group="*"), True),
        (rule("get", group="apps"), False),
        (rule("get", resources=("configmaps",)), False),
        (rule("get", resources=("secrets/metadata",)), False),
        (rule("list"), False),
    ],
    ids=["plain", "any resource", "any group", "another group", "another resource", "a subresource", "another verb"],
)
def test_a_rule_allows_what_it_names(given_rule: Rule, allowed: bool) -> None:
    assert Rules((given_rule,)).allows("get", "secrets") is allowed


def test_a_rule_with_names_allows_these_objects_and_not_the_resource_as_such() -> None:
    named = rules("get", "list", names=("demo", "other"))

    assert named.allows("get", "secrets", "demo")
    assert not named.allows("get", "secrets", "another")
    assert not named.allows("list", "secrets")
    assert named.actions() == ()
    assert named.actions_on(row("demo")) == READS
    assert named.actions_on(row("another")) == ()


@pytest.mark.parametrize(
    ("given_rule", "sees"),
    [
        (rule("list", resources=(METADATA,)), True),
        (rule("*", resources=(METADATA,)), True),
        (rule("list", resources=("*/metadata",)), True),
        (rule("list", resources=("*",)), True),
        (rule("list", resources=(METADATA,), group="*"), True),
        (rule("get", resources=(METADATA,)), False),
        (rule("list", resources=("secrets/*",)), False),
        (rule("list", resources=("metadata",)), False),
        (rule("list", resources=("*/",)), False),
        (rule("list"), False),
        (rule("list", resources=("configmaps/metadata",)), False),
        (rule("list", resources=(METADATA,), group="apps"), False),
    ],
    ids=str,
)
def test_secrets_are_seen_by_whom_rbac_lets_list_their_metadata(given_rule: Rule, sees: bool) -> None:
    assert Rules((given_rule,)).sees() is sees


def test_who_only_sees_lists_and_views() -> None:
    seeing = Rules((rule("list", resources=(METADATA,)),))

    assert seeing.actions() == (Action.LIST, Action.VIEW)
    assert seeing.actions_on(row()) == (Action.VIEW,)
    assert not seeing.allows("list", "secrets")


def test_who_sees_one_secret_does_not_see_the_others() -> None:
    seeing = Rules((rule("list", resources=(METADATA,), names=("demo",)),))

    assert seeing.actions() == ()
    assert (seeing.sees("demo"), seeing.sees("another"), seeing.sees()) == (True, False, False)
    assert (seeing.actions_on(row("demo")), seeing.actions_on(row("another"))) == ((Action.VIEW,), ())


def test_rules_add_up() -> None:
    together = Rules((rule("get", names=("demo",)), rule("patch"), rule("create", resources=("pods",))))

    assert together.actions_on(row("demo")) == EVERY_ACTION_ON_ONE[:-3]
    assert together.actions_on(row("another")) == (Action.UPDATE_INFO, Action.UPDATE_KEYS)


@pytest.mark.parametrize(
    ("given_rule", "sees"),
    [
        (rule("get"), True),
        (rule("delete", names=("demo",)), True),
        (rule("*", resources=("*",), group="*"), True),
        (rule("list", resources=("rolebindings",), group="rbac.authorization.k8s.io"), True),
        (rule("list", resources=(METADATA,)), True),
        (rule("list", resources=("*/metadata",)), True),
        (rule("list", resources=("secrets/status",)), False),
        (rule("list", resources=("rolebindings",)), False),
        (rule("get", resources=("pods",)), False),
        (rule("create", resources=("selfsubjectaccessreviews",), group="authorization.k8s.io"), False),
        (rule(), False),
    ],
    ids=str,
)
def test_a_project_is_seen_by_whom_a_rule_gives_something_to_do_there(given_rule: Rule, sees: bool) -> None:
    assert Rules((given_rule,)).sees_project is sees


def test_in_a_list_each_has_the_actions_that_it_has_alone() -> None:
    mixed = Rules((*rules("get").rules, *rules("delete", names=("demo",)).rules, *rules("patch").rules))
    listed = [row("demo"), row("another"), row("release", "helm.sh/release.v1"), row("third"), row("demo")]

    each = list(mixed.actions_on_each(listed))

    assert each == [mixed.actions_on(one) for one in listed]
    assert len(set(each)) == 3


@pytest.mark.parametrize(
    ("given_rule", "runs"),
    [
        (rule("update", resources=("namespaces",)), True),
        (rule("delete", resources=("namespaces",), names=("demo",)), True),
        (rule("delete", resources=("namespaces",), names=("another",)), False),
        (rule("get", "list", "watch", "create", resources=("namespaces",)), False),
        (rule("update", resources=("namespaces",), group="example.com"), False),
        (rule("update"), False),
    ],
    ids=str,
)
def test_a_project_is_run_by_who_may_change_or_delete_its_namespace(given_rule: Rule, runs: bool) -> None:
    assert Rules((given_rule,)).runs_project("demo") is runs


def test_who_has_no_rules_sees_nothing() -> None:
    assert not Rules().sees_project
    assert Rules().actions() == ()


@pytest.mark.parametrize("secret", [row(), stored({"a": b""})], ids=["row", "stored"])
def test_what_may_be_done_with_a_secret_is_what_rbac_allows(secret: SecretRow | StoredSecret) -> None:
    assert rules("*").actions_on(secret) == EVERY_ACTION_ON_ONE


def test_a_rule_with_names_allows_no_create_so_no_new_version_of_these() -> None:
    assert Action.NEW_VERSION not in rules("get", "create", names=("demo",)).actions_on(row())
    assert Action.NEW_VERSION in Rules((rule("get", names=("demo",)), rule("create"))).actions_on(row())


@pytest.mark.parametrize("secret_type", ["helm.sh/release.v1", "kubernetes.io/service-account-token"])
def test_a_read_only_secret_is_only_read(secret_type: str) -> None:
    assert rules("*").actions_on(row(secret_type=secret_type)) == READS
    assert rules("*").actions_on(stored({}, secret_type)) == READS


def test_of_an_immutable_secret_all_but_the_values_may_be_changed() -> None:
    assert rules("*").actions_on(stored({}, immutable=True)) == (
        Action.VIEW,
        Action.REVEAL,
        Action.UPDATE_INFO,
        Action.UPDATE_YAML,
        Action.RESTORE,
        Action.NEW_VERSION,
        Action.DELETE,
    )


@given(st.sets(st.sampled_from(VERBS)), st.sets(st.sampled_from(VERBS)))
def test_more_rules_never_allow_less(some: set[str], more: set[str]) -> None:
    both = Rules((rule(*some), rule(*more)))

    assert set(rules(*some).actions()) <= set(both.actions())
    assert both.actions() == rules(*some, *more).actions()


def test_no_action_is_allowed_without_a_verb_that_it_needs() -> None:
    for left_out in VERBS:
        without = rules(*(verb for verb in VERBS if verb != left_out))
        assert set(without.actions()) < set(Action)
    pairs = [set(rules(*pair).actions()) for pair in combinations(VERBS, 2)]
    assert Action.UPDATE_DATA in set.union(*pairs)
