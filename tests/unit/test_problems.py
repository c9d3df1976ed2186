"""What each error is answered with; `test_problem_answers.py` has the answers of a whole application."""

import json
from typing import Any

import pytest
from starlette.responses import Response

from app.domain import errors as e
from app.domain.call import Trace
from app.domain.diff import Overtaken
from app.domain.fault import Fault, Violation
from app.domain.state import NOTHING, State
from app.problem_kind import KINDS, kind_of
from app.problems import MAX_ITEMS, MEDIA_TYPE, internal_problem, problem_response, problem_type, problems
from app.schemas.problem import OAuthProblem, Problem

STATUSES: dict[int, list[type[e.AppError]]] = {
    400: [
        e.MalformedRequestError,
        e.ForbiddenHeaderError,
        e.InvalidGrantError,
        e.UnsupportedGrantTypeError,
        e.InvalidTokenRequestError,
        e.UnsupportedTokenTypeError,
    ],
    401: [e.UnauthenticatedError, e.InvalidTokenError],
    403: [e.ForbiddenError, e.PasswordChangeRequiredError],
    404: [
        e.NotFoundError,
        e.RouteNotFoundError,
        e.WorkspaceNotFoundError,
        e.ProjectNotFoundError,
        e.SecretNotFoundError,
        e.KeyNotFoundError,
        e.AccountNotFoundError,
        e.MemberNotFoundError,
    ],
    405: [e.MethodNotAllowedError],
    408: [e.BodyTimeoutError],
    409: [
        e.StateError,
        e.AlreadyExistsError,
        e.ConflictError,
        e.ImmutableSecretError,
        e.ReadOnlySecretError,
        e.ManagedByControllerError,
        e.NotApplicableError,
        e.NotExportableError,
        e.TypeDiffersError,
        e.QuotaExceededError,
        e.ProjectTerminatingError,
        e.NameReservedError,
        e.NotManagedError,
        e.WorkspaceInUseError,
        e.NameRetiredError,
        e.InheritedError,
        e.LastAdminError,
        e.NotWorkspaceMemberError,
        e.IsManagerError,
        e.TooManyMembersError,
    ],
    410: [e.VersionGoneError],
    412: [e.PreconditionFailedError],
    413: [e.BodyTooLargeError],
    415: [e.UnsupportedMediaTypeError, e.UnsupportedEncodingError],
    422: [e.InvalidError, e.InvalidFieldError, e.RefusedByAdmissionError],
    428: [e.PreconditionRequiredError],
    429: [e.TooManyRequestsError, e.TooManyAttemptsError],
    431: [e.HeadersTooLargeError],
    500: [e.OwnAccessError],
    502: [e.UpstreamError, e.UpstreamAnswerError],
    503: [
        e.UpstreamUnavailableError,
        e.UpstreamExpiredError,
        e.AuditUnavailableError,
        e.IdentityProviderUnavailableError,
    ],
    504: [e.UpstreamTimeoutError],
}


def scope(path: str = "/api/v1/me", method: str = "GET", **more: Any) -> dict[str, Any]:
    return {"type": "http", "path": path, "method": method, "state": {"trace": Trace("request-1", 1.0)}} | more


def document(response: Response) -> Any:
    return json.loads(bytes(response.body))


@pytest.mark.parametrize(
    ("status", "error"),
    [(status, error) for status, errors in STATUSES.items() for error in errors],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_every_kind_of_error_has_its_status(status: int, error: type[e.AppError]) -> None:
    assert kind_of(error).status == status


def test_the_table_is_the_whole_table() -> None:
    listed = {error for errors in STATUSES.values() for error in errors}

    assert set(KINDS) <= listed


def test_an_error_without_an_entry_is_answered_as_the_class_it_is_a_kind_of() -> None:
    class VeryImmutableError(e.ImmutableSecretError):
        code = "VERY_IMMUTABLE"

    answer = problem_response(VeryImmutableError(), scope())

    assert (answer.status_code, document(answer)["code"]) == (409, "VERY_IMMUTABLE")


def test_an_answer_says_what_went_wrong_where_and_in_which_request() -> None:
    answer = problem_response(e.SecretNotFoundError(), scope("/api/v1/workspaces/w"))

    assert document(answer) == {
        "type": "/docs/problems#secret-not-found",
        "title": "Secret not found",
        "status": 404,
        "detail": "There is no Secret of this name in the project.",
        "instance": "/api/v1/workspaces/w",
        "code": "SECRET_NOT_FOUND",
        "requestId": "request-1",
    }
    assert (answer.status_code, answer.media_type) == (404, MEDIA_TYPE)
    assert answer.headers["cache-control"] == "no-store"


def test_the_code_is_left_for_the_line_in_the_log() -> None:
    where = scope()

    problem_response(e.SecretNotFoundError(), where)

    assert where["state"]["code"] == "SECRET_NOT_FOUND"


@pytest.mark.parametrize("without", [{"state": {}}, {"state": {"trace": None}}])
def test_an_answer_can_do_without_the_id_of_a_request(without: dict[str, Any]) -> None:
    assert document(problem_response(e.NotFoundError(), scope() | without))["requestId"] == ""


def test_an_error_without_a_detail_repeats_its_title() -> None:
    assert document(problem_response(e.NotFoundError(), scope()))["detail"] == "Not found."
    assert document(problem_response(e.ForbiddenError(), scope()))["detail"] == "Not allowed."


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (e.ForbiddenError("patch", "secrets"), "Kubernetes does not allow you to patch secrets here."),
        (e.BodyTooLargeError(4_194_304), "At most 4,194,304 bytes are accepted."),
        (e.HeadersTooLargeError(16_384), "At most 16,384 bytes of headers are accepted."),
        (e.UnsupportedMediaTypeError(["a/b", "c/d"]), "Send the body as a/b or c/d."),
        (e.RefusedByAdmissionError("p.example"), "The admission policy or webhook p.example refused it."),
        (e.RefusedByAdmissionError(), "Refused by a policy of the cluster."),
    ],
)
def test_a_detail_holds_what_the_error_knows(error: e.AppError, detail: str) -> None:
    assert document(problem_response(error, scope()))["detail"] == detail


@pytest.mark.parametrize(
    ("error", "method", "headers"),
    [
        (e.UnauthenticatedError(), "GET", {"www-authenticate": 'Bearer realm="secretspace"'}),
        (e.InvalidTokenError(), "GET", {"www-authenticate": 'Bearer realm="secretspace", error="invalid_token"'}),
        (e.MethodNotAllowedError(["GET", "PUT"]), "POST", {"allow": "GET, PUT"}),
        (e.TooManyRequestsError(3), "GET", {"retry-after": "3"}),
        (e.UpstreamUnavailableError(7), "GET", {"retry-after": "7"}),
        (e.UpstreamExpiredError(), "GET", {"retry-after": "2"}),
        (e.AuditUnavailableError(), "GET", {"retry-after": "5"}),
        (e.UnsupportedMediaTypeError(["a/b", "c/d"]), "PUT", {"accept": "a/b, c/d"}),
        (e.UnsupportedMediaTypeError(["a/b"]), "PATCH", {"accept": "a/b", "accept-patch": "a/b"}),
        (e.UnsupportedEncodingError(), "PATCH", {"accept-encoding": "identity"}),
        (e.MethodNotAllowedError(), "POST", {}),
        (e.SecretNotFoundError(), "GET", {}),
    ],
)
def test_an_answer_has_the_headers_that_its_status_asks_for(
    error: e.AppError, method: str, headers: dict[str, str]
) -> None:
    answer = problem_response(error, scope(method=method))

    own = {"cache-control", "content-length", "content-type"}
    assert {name: value for name, value in answer.headers.items() if name not in own} == headers


def test_every_violation_is_told_with_its_place() -> None:
    violations = [Violation("/data/a", Fault.KEY_INVALID, line=3, column=5), Violation("", Fault.REQUIRED)]

    assert document(problem_response(e.InvalidError(violations), scope()))["errors"] == [
        {
            "pointer": "/data/a",
            "code": "KEY_INVALID",
            "message": Fault.KEY_INVALID.message,
            "line": 3,
            "column": 5,
        },
        {"pointer": "", "code": "REQUIRED", "message": Fault.REQUIRED.message},
    ]


def test_more_violations_than_a_person_reads_are_left_out() -> None:
    error = e.InvalidError([Violation(f"/{number}", Fault.REQUIRED) for number in range(MAX_ITEMS + 1)])

    assert len(document(problem_response(error, scope()))["errors"]) == MAX_ITEMS


@pytest.mark.parametrize(
    ("error", "oauth"),
    [
        (e.InvalidGrantError(), "invalid_grant"),
        (e.UnsupportedGrantTypeError(), "unsupported_grant_type"),
        (e.InvalidTokenRequestError(), "invalid_request"),
        (e.BodyTooLargeError(5), "invalid_request"),
    ],
)
@pytest.mark.parametrize("root", ["", "/root"])
def test_at_the_token_endpoint_a_problem_speaks_oauth_too(error: e.AppError, oauth: str, root: str) -> None:
    found = document(problem_response(error, scope(f"{root}/oauth/token", "POST", root_path=root)))

    assert (found["error"], found["error_description"]) == (oauth, found["detail"])
    assert found["code"] == error.code


def test_elsewhere_it_does_not() -> None:
    assert "error" not in document(problem_response(e.InvalidGrantError(), scope("/api/v1/oauth/token")))


@pytest.mark.parametrize("path", ["/a b", "/\r\nSet-Cookie: x", "/é", '/"<script>'])
def test_the_path_is_told_as_a_reference(path: str) -> None:
    instance = document(problem_response(e.RouteNotFoundError(), scope(path)))["instance"]

    assert set(instance) <= set("/%ABCDEF0123456789abcdefghijklmnopqrstuvwxyzSCxk-:")


def test_what_nobody_foresaw_is_answered_without_saying_what_it_was() -> None:
    answer = internal_problem(scope())

    assert (answer.status_code, document(answer)["code"]) == (500, "INTERNAL")
    assert document(answer)["requestId"] == "request-1"


def test_a_type_is_a_place_on_the_page_of_problems() -> None:
    assert problem_type("BODY_TOO_LARGE", "/root") == "/root/docs/problems#body-too-large"


def test_a_route_documents_its_errors_by_status() -> None:
    documented = problems(e.SecretNotFoundError, e.ProjectNotFoundError, e.UpstreamUnavailableError)

    assert list(documented) == [404, 503]
    assert documented[404] == {
        "description": "- `SECRET_NOT_FOUND`: Secret not found\n- `PROJECT_NOT_FOUND`: Project not found",
        "model": Problem,
        "content": {
            "application/problem+json": {
                "examples": {
                    "SECRET_NOT_FOUND": {"$ref": "#/components/examples/SECRET_NOT_FOUND"},
                    "PROJECT_NOT_FOUND": {"$ref": "#/components/examples/PROJECT_NOT_FOUND"},
                }
            }
        },
    }
    assert "Retry-After" in documented[503]["headers"]


def test_the_token_endpoint_documents_its_own_form() -> None:
    documented = problems(e.InvalidGrantError, oauth=True)[400]

    assert documented["model"] is OAuthProblem
    assert documented["content"]["application/problem+json"]["examples"] == {
        "INVALID_GRANT": {"$ref": "#/components/examples/oauth.INVALID_GRANT"}
    }


def test_a_version_that_is_overtaken_is_answered_with_what_changed_and_where_it_meets() -> None:
    meanwhile = NOTHING.diff_to(State({"a": b"1"}, {"app": "demo"}))
    error = e.PreconditionFailedError(Overtaken(meanwhile, ("/data/a", "/alias")))

    answer = document(problem_response(error, scope()))

    assert answer["meanwhile"]["data"] == {"added": ["a"], "changed": [], "removed": [], "same": []}
    assert answer["overlap"] == ["/data/a", "/alias"]
    assert "versionGone" not in answer


def test_a_version_that_is_forgotten_is_answered_as_such() -> None:
    answer = document(problem_response(e.PreconditionFailedError(Overtaken(version_gone=True)), scope()))

    assert answer["versionGone"] is True
    assert answer["detail"].endswith("so nobody can say what changed since.")
    assert answer.keys().isdisjoint({"meanwhile", "overlap"})


@pytest.mark.parametrize("overtaken", [None, Overtaken()])
def test_where_nothing_is_known_of_what_changed_nothing_is_said(overtaken: Overtaken | None) -> None:
    answer = document(problem_response(e.PreconditionFailedError(overtaken), scope()))

    assert answer.keys().isdisjoint({"meanwhile", "overlap", "versionGone", "errors"})
