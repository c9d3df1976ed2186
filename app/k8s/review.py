"""What a caller may do, asked of the API server as the caller.

Source: https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
"""

from collections.abc import AsyncIterator

from app.domain.access import METADATA, SECRET_VERBS, Rule, Rules
from app.domain.call import Caller
from app.k8s.impersonation import AsCaller
from app.k8s.request import JSON, KubeRequest, encode, group_path
from app.k8s.transport import Transport
from app.k8s.wire import Wire, decode

_GROUP = "authorization.k8s.io"


class _ResourceRule(Wire, frozen=True):
    verbs: list[str] = []
    api_groups: list[str] | None = None
    resources: list[str] | None = None
    resource_names: list[str] | None = None


class _RulesStatus(Wire, frozen=True):
    resource_rules: list[_ResourceRule] | None = None
    incomplete: bool = False


class _RulesReview(Wire, frozen=True):
    status: _RulesStatus = _RulesStatus()


class _AccessStatus(Wire, frozen=True):
    allowed: bool = False


class _AccessReview(Wire, frozen=True):
    status: _AccessStatus = _AccessStatus()


def rules_review(namespace: str) -> KubeRequest:
    """Asks for all rules that hold in a namespace."""
    return _review("selfsubjectrulesreviews", "SelfSubjectRulesReview", {"namespace": namespace})


def access_review(verb: str, group: str, resource: str, name: str = "", namespace: str = "") -> KubeRequest:
    """Asks whether a verb is allowed on a resource, or a subresource such as `secrets/metadata`.

    Without a namespace, on one of the whole cluster.
    """
    resource, _, subresource = resource.partition("/")
    attributes = {"verb": verb, "group": group, "resource": resource, "name": name, "namespace": namespace}
    if subresource:
        attributes["subresource"] = subresource
    return _review("selfsubjectaccessreviews", "SelfSubjectAccessReview", {"resourceAttributes": attributes})


class KubeReviews:
    """Asks for rules and single rights."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def rules(self, caller: Caller, namespace: str) -> Rules:
        """All rules of the caller in the namespace, cluster-wide ones included.

        An authorizer beside RBAC, such as a webhook, may not be able to list its rules, and says so; then it is asked
        verb by verb what it allows on Secrets.
        """
        answer = await self._transport.send(rules_review(namespace), AsCaller(caller))
        status = decode(answer.body, _RulesReview).status
        rules = tuple(_to_rule(rule) for rule in status.resource_rules or [])
        if not status.incomplete:
            return Rules(rules)
        return Rules((*rules, *[rule async for rule in self._on_secrets(caller, namespace)]))

    async def _on_secrets(self, caller: Caller, namespace: str) -> AsyncIterator[Rule]:
        for resource, verb in (*(("secrets", verb) for verb in SECRET_VERBS), (METADATA, "list")):
            if await self._allows(caller, access_review(verb, "", resource, namespace=namespace)):
                yield Rule(frozenset({verb}), frozenset({""}), frozenset({resource}))

    async def allows(
        self, caller: Caller, verb: str, group: str, resource: str, name: str = "", namespace: str = ""
    ) -> bool:
        """Whether the caller may do this; without a namespace, to a cluster-scoped resource."""
        return await self._allows(caller, access_review(verb, group, resource, name, namespace))

    async def _allows(self, caller: Caller, review: KubeRequest) -> bool:
        answer = await self._transport.send(review, AsCaller(caller))
        return decode(answer.body, _AccessReview).status.allowed


def _review(resource: str, kind: str, spec: dict[str, object]) -> KubeRequest:
    body = {"apiVersion": f"{_GROUP}/v1", "kind": kind, "spec": spec}
    return KubeRequest("POST", group_path(_GROUP, "v1", resource), content_type=JSON, body=encode(body))


def _to_rule(rule: _ResourceRule) -> Rule:
    return Rule(
        verbs=frozenset(rule.verbs),
        groups=frozenset(rule.api_groups or ()),
        resources=frozenset(rule.resources or ()),
        names=frozenset(rule.resource_names or ()),
    )
