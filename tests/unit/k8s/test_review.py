import json
from typing import Any

import pytest

from app.domain.access import Rule
from app.k8s.request import KubeRequest
from app.k8s.review import _ResourceRule, _RulesReview, _to_rule, access_review, rules_review
from app.k8s.wire import decode


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


@pytest.mark.parametrize("body", [b"{}", b'{"status": {}}', b'{"status": {"resourceRules": null}}'])
def test_no_rules_are_no_rules(body: bytes) -> None:
    assert not decode(body, _RulesReview).status.resource_rules
