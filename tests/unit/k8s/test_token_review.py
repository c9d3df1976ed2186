import json
from typing import Any

import pytest

from app.domain.errors import UpstreamAnswerError
from app.domain.identity import InvalidIdentityError, OwnToken, Source
from app.k8s.token_review import SELF_SUBJECT_REVIEW, to_identity


def answer(**user: Any) -> bytes:
    return json.dumps({"kind": "SelfSubjectReview", "status": {"userInfo": user}}).encode()


def test_the_review_names_nobody_since_the_token_does() -> None:
    assert SELF_SUBJECT_REVIEW.path == "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    assert SELF_SUBJECT_REVIEW.method == "POST"
    assert json.loads(SELF_SUBJECT_REVIEW.body or b"") == {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "SelfSubjectReview",
    }


def test_the_user_of_the_answer_calls_with_the_token_itself() -> None:
    body = answer(username="system:serviceaccount:ci:deployer", uid="u", groups=["a", "b"], extra={"x": ["y"]})
    identity = to_identity(body, "canary-token")
    assert (identity.username, identity.groups) == ("system:serviceaccount:ci:deployer", ("a", "b"))
    assert (identity.credential, identity.source) == (OwnToken("canary-token"), Source.KUBERNETES)
    assert "canary" not in repr(identity)


def test_a_user_without_groups_has_none() -> None:
    assert to_identity(answer(username="eve"), "t").groups == ()


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b'{"status": {}}', b'{"status": null}', answer(), answer(username=""), answer(username=7)],
)
def test_an_answer_that_names_nobody_is_no_identity(body: bytes) -> None:
    with pytest.raises(UpstreamAnswerError):
        to_identity(body, "t")


@pytest.mark.parametrize("user", [{"username": "eve\n"}, {"username": "eve", "groups": ["g"] * 65}])
def test_a_user_that_cannot_be_used_here_is_refused(user: dict[str, Any]) -> None:
    with pytest.raises(InvalidIdentityError):
        to_identity(answer(**user), "t")
