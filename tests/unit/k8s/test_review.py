import json
from typing import Any, cast

import pytest

from app.domain.access import METADATA, SECRET_VERBS, Rule
from app.k8s.impersonation import Acting, AsCaller
from app.k8s.request import KubeRequest
from app.k8s.review import KubeReviews, _ResourceRule, _to_rule, access_review, rules_review
from app.k8s.transport import Answer, Transport
from app.k8s.wire import decode
from tests.unit.sample import caller

LISTER = {"verbs": ["list"], "apiGroups": [""], "resources": ["secrets"]}


def sent(request: KubeRequest, resource: str) -> Any:
    path = f"/apis/authorization.k8s.io/v1/{resource}"
    assert request == KubeRequest("POST", path, content_type="application/json", body=request.body)
    return json.loads(request.body or b"")


def test_rules_are_asked_for_one_namespace() -> None:
    assert sent(rules_review("demo"), "selfsubjectrulesreviews") == {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": "demo"},
    }


@pytest.mark.parametrize(
    ("more", "name", "namespace"), [({}, "", ""), ({"name": "w"}, "w", ""), ({"namespace": "demo"}, "", "demo")]
)
def test_a_single_right_is_asked_for(more: dict[str, str], name: str, namespace: str) -> None:
    assert sent(access_review("list", "g.io", "things", **more), "selfsubjectaccessreviews") == {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {
            "resourceAttributes": {
                "verb": "list",
                "group": "g.io",
                "resource": "things",
                "name": name,
                "namespace": namespace,
            }
        },
    }


def test_a_right_on_a_subresource_is_asked_for() -> None:
    asked = sent(access_review("list", "", METADATA, namespace="demo"), "selfsubjectaccessreviews")["spec"]

    assert asked["resourceAttributes"] == {
        "verb": "list",
        "group": "",
        "resource": "secrets",
        "subresource": "metadata",
        "name": "",
        "namespace": "demo",
    }


@pytest.mark.parametrize(
    ("answered", "rule"),
    [
        (
            {"verbs": ["get", "list"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["a", "b"]},
            Rule(frozenset({"get", "list"}), frozenset({""}), frozenset({"secrets"}), frozenset({"a", "b"})),
        ),
        (
            {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
            Rule(frozenset("*"), frozenset("*"), frozenset("*")),
        ),
        ({"verbs": ["get"]}, Rule(frozenset({"get"}), frozenset(), frozenset())),
    ],
)
def test_a_rule_is_taken_over_as_it_is(answered: dict[str, Any], rule: Rule) -> None:
    assert _to_rule(decode(json.dumps(answered).encode(), _ResourceRule)) == rule


def test_a_rule_that_names_nothing_gives_nothing() -> None:
    rule = _to_rule(decode(b'{"verbs": ["*"]}', _ResourceRule))

    assert not rule.allows("get", "secrets", None, "")
    assert not rule.covers("secrets")


class Authorizer:
    """In the place of the transport: one that cannot list its rules, or can, and says which verbs it allows."""

    def __init__(self, rules: dict[str, Any], *allowed: str) -> None:
        self.rules = rules
        self.allowed = allowed
        self.asked: list[dict[str, str]] = []

    async def send(self, request: KubeRequest, acting: Acting) -> Answer:
        assert isinstance(acting, AsCaller)
        spec = json.loads(request.body or b"")["spec"]
        if request.resource == "selfsubjectrulesreviews":
            return Answer(201, json.dumps({"status": self.rules}).encode())
        self.asked.append(spec["resourceAttributes"])
        allowed = spec["resourceAttributes"]["verb"] in self.allowed
        return Answer(201, json.dumps({"status": {"allowed": allowed} if allowed else {}}).encode())


def reviews(authorizer: Authorizer) -> KubeReviews:
    return KubeReviews(cast("Transport", authorizer))


async def test_rules_that_are_all_told_are_not_asked_verb_by_verb() -> None:
    authorizer = Authorizer({"resourceRules": [LISTER], "incomplete": False}, "get")

    rules = await reviews(authorizer).rules(caller(), "demo")

    assert [rule.verbs for rule in rules.rules] == [frozenset({"list"})]
    assert authorizer.asked == []


async def test_rules_that_are_not_all_told_are_asked_verb_by_verb() -> None:
    authorizer = Authorizer({"resourceRules": [LISTER], "incomplete": True}, "get", "patch")

    rules = await reviews(authorizer).rules(caller(), "demo")

    assert {verb for verb in SECRET_VERBS if rules.allows(verb, "secrets")} == {"list", "get", "patch"}
    assert {(each["resource"], each["group"], each["namespace"]) for each in authorizer.asked} == {
        ("secrets", "", "demo")
    }
    assert not rules.sees()


async def test_rules_that_are_not_all_told_may_be_to_see_without_reading() -> None:
    authorizer = Authorizer({"incomplete": True}, "list")

    rules = await reviews(authorizer).rules(caller(), "demo")

    assert rules.sees()
    assert [each["verb"] for each in authorizer.asked if each.get("subresource") == "metadata"] == ["list"]


@pytest.mark.parametrize("status", [{}, {"resourceRules": None}, {"incomplete": True}])
async def test_no_rules_are_no_rules(status: dict[str, Any]) -> None:
    assert not (await reviews(Authorizer(status)).rules(caller(), "demo")).sees_project


@pytest.mark.parametrize("verb", ["list", "create"])
async def test_a_single_right_is_what_the_cluster_says(verb: str) -> None:
    authorizer = Authorizer({}, "list")

    assert await reviews(authorizer).allows(caller(), verb, "g.io", "things", "w") is (verb == "list")
    assert authorizer.asked == [{"verb": verb, "group": "g.io", "resource": "things", "name": "w", "namespace": ""}]
