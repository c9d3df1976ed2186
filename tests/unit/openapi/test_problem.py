from typing import Any

import pytest

from app.domain.errors import InvalidError, InvalidTokenError, SecretNotFoundError, UpstreamUnavailableError
from app.openapi.problem import add_problems, problem_examples
from app.problems import MEDIA_TYPE, problems

SUCCESS = {"description": "Done.", "content": {"application/json": {"schema": {"type": "string"}}}}


def completed(*declared: type, is_open: bool = False, has_body: bool = False, oauth: bool = False) -> dict[str, Any]:
    """The responses of an operation whose route declares these errors."""
    responses = {str(status): response for status, response in problems(*declared, oauth=oauth).items()}
    for response in responses.values():
        response["content"]["application/json"] = {
            "schema": {"$ref": "#/components/schemas/Problem"}
        }  # as FastAPI does
    responses["200"] = dict(SUCCESS)
    add_problems(responses, is_open=is_open, has_body=has_body, oauth=oauth)
    return responses


def codes(response: dict[str, Any]) -> set[str]:
    return set(response["content"][MEDIA_TYPE]["examples"])


def test_an_error_has_one_media_type_and_a_success_keeps_its_own() -> None:
    responses = completed(SecretNotFoundError)
    assert list(responses["404"]["content"]) == [MEDIA_TYPE]
    assert responses["404"]["content"][MEDIA_TYPE]["schema"] == {"$ref": "#/components/schemas/Problem"}
    assert responses["200"] == SUCCESS


def test_what_a_route_declares_and_what_comes_before_it_are_told_together() -> None:
    responses = completed(UpstreamUnavailableError, InvalidError)
    assert codes(responses["503"]) == {"IDENTITY_PROVIDER_UNAVAILABLE", "UPSTREAM_UNAVAILABLE"}
    assert codes(responses["500"]) == {"INTERNAL", "SERVICE_MISCONFIGURED"}
    assert responses["500"]["description"].splitlines() == [
        "- `INTERNAL`: Something is broken here",
        "- `SERVICE_MISCONFIGURED`: The service is not set up rightly",
    ]
    assert "Retry-After" in responses["503"]["headers"]


def test_only_where_somebody_signs_in_can_a_token_be_wrong() -> None:
    assert codes(completed()["401"]) == {"UNAUTHENTICATED", "INVALID_TOKEN"}
    assert "401" not in completed(is_open=True)


def test_only_a_body_can_be_of_the_wrong_media_type() -> None:
    assert "415" in completed(has_body=True)
    assert "415" not in completed()


def test_at_sign_in_errors_have_the_words_of_oauth_too() -> None:
    responses = completed(InvalidTokenError, is_open=True, oauth=True)
    assert responses["401"]["content"][MEDIA_TYPE]["schema"] == {"$ref": "#/components/schemas/OAuthProblem"}
    assert "422" not in responses


@pytest.mark.parametrize(("oauth", "name"), [(False, "SECRET_NOT_FOUND"), (True, "oauth.SECRET_NOT_FOUND")])
def test_each_code_that_is_referred_to_has_an_example(oauth: bool, name: str) -> None:
    examples = problem_examples([{"responses": completed(SecretNotFoundError, oauth=oauth)}])
    assert examples[name]["value"]["code"] == "SECRET_NOT_FOUND"
    assert examples[name]["value"]["status"] == 404
    assert ("error" in examples[name]["value"]) == oauth
