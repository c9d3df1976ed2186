"""What is applied can be used as soon as the waiting is over."""

from app.dev.apply import apply, wait_until_served
from app.k8s.request import KubeRequest
from tests.contract.dev.conftest import Admin

GROUP = "tests.secretspace.io"
DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": f"things.{GROUP}"},
    "spec": {
        "group": GROUP,
        "names": {"kind": "Thing", "plural": "things"},
        "scope": "Cluster",
        "versions": [
            {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}
        ],
    },
}


async def test_objects_of_a_new_kind_can_be_listed_at_once(admin: Admin) -> None:
    await apply(DEFINITION, admin.transport, admin.acting)
    await wait_until_served([DEFINITION], admin.transport, admin.acting)

    answer = await admin.transport.send(KubeRequest("GET", f"/apis/{GROUP}/v1/things"), admin.acting)

    assert answer.status == 200
