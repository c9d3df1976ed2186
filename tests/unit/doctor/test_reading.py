import json

from app.doctor.installation import ACTS_CONSTRAINED, ServiceAccount
from app.doctor.reading import access_review


def test_a_review_asks_about_the_account_with_the_groups_that_it_really_has() -> None:
    request = access_review(ACTS_CONSTRAINED, ServiceAccount("here", "it"))

    asked = json.loads(request.body or b"")
    assert (request.method, request.path) == ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews")
    assert asked["spec"] == {
        "user": "system:serviceaccount:here:it",
        "groups": ["system:serviceaccounts", "system:serviceaccounts:here", "system:authenticated"],
        "resourceAttributes": {
            "verb": "impersonate:user-info",
            "group": "authentication.k8s.io",
            "resource": "users",
            "name": "secretspace-system:accounts",
            "namespace": "",
        },
    }
