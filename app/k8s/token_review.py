"""Whose a token is, by a SelfSubjectReview that carries that very token: no right of ours is needed.

Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#self-subject-review
"""

from typing import Final

from app.domain.call import Trace
from app.domain.errors import UpstreamAnswerError
from app.domain.identity import Identity, OwnToken, Source
from app.k8s.impersonation import AsToken
from app.k8s.request import JSON, KubeRequest, encode, group_path
from app.k8s.transport import Transport
from app.k8s.wire import Wire, decode

_GROUP: Final = "authentication.k8s.io"

SELF_SUBJECT_REVIEW: Final = KubeRequest(
    "POST",
    group_path(_GROUP, "v1", "selfsubjectreviews"),
    content_type=JSON,
    body=encode({"apiVersion": f"{_GROUP}/v1", "kind": "SelfSubjectReview"}),
)


class UserInfo(Wire, frozen=True):
    """The user as the API server authenticated it."""

    username: str = ""
    groups: list[str] | None = None


class ReviewStatus(Wire, frozen=True):
    """What a review found."""

    user_info: UserInfo


class Review(Wire, frozen=True):
    """The answer to a SelfSubjectReview."""

    status: ReviewStatus


class TokenReviewer:
    """Asks the API server; an `identity.cluster_token.TokenReviewer`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def review(self, token: str, trace: Trace) -> Identity:
        """The identity behind a token; calls as it carry the token itself.

        Raises:
            InvalidTokenError: the API server does not accept the token.
            InvalidIdentityError: it does, but the name or groups cannot be used here.
        """
        answer = await self._transport.send(SELF_SUBJECT_REVIEW, AsToken(token, trace))
        return to_identity(answer.body, token)


def to_identity(body: bytes, token: str) -> Identity:
    """The identity in the answer to a review.

    Raises:
        UpstreamAnswerError: there is none in it.
        InvalidIdentityError: the name or groups cannot be used here.
    """
    user = decode(body, Review).status.user_info
    if not user.username:
        raise UpstreamAnswerError(201, "NoUser")
    return Identity(
        username=user.username,
        groups=tuple(user.groups or ()),
        source=Source.KUBERNETES,
        credential=OwnToken(token),
        display_name=user.username,
    )
