import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import (
    AlreadyExistsError,
    AppError,
    ConflictError,
    ForbiddenError,
    ImmutableSecretError,
    InvalidError,
    InvalidTokenError,
    NotApplicableError,
    NotFoundError,
    OwnAccessError,
    PreconditionFailedError,
    ProjectNotFoundError,
    ProjectTerminatingError,
    QuotaExceededError,
    RefusedByAdmissionError,
    SecretNotFoundError,
    UpstreamAnswerError,
    UpstreamExpiredError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from app.k8s.impersonation import Acting
from app.k8s.request import JSON_PATCH, MERGE_PATCH, KubeRequest, core_path, group_path
from app.k8s.status import to_error
from tests.support.canary import canary, leaks
from tests.unit.k8s.acting import as_alice, as_reserved, as_robot, as_service, as_token

GET = KubeRequest("GET", core_path("demo", "secrets", "a"))
LIST = KubeRequest("GET", core_path("demo", "secrets"))
POST = KubeRequest("POST", core_path("demo", "secrets"))
MERGE = KubeRequest("PATCH", core_path("demo", "secrets", "a"), content_type=MERGE_PATCH)
OPERATIONS = KubeRequest("PATCH", core_path("demo", "secrets", "a"), content_type=JSON_PATCH)
WORKSPACE = KubeRequest("GET", group_path("tenancy.secretspace.io", "v1", "workspaces", "w"))

SERVICE_USER = "system:serviceaccount:secretspace-system:secretspace"
IMPERSONATE = f'User "{SERVICE_USER}" cannot impersonate'
NO_RIGHT = 'secrets "a" is forbidden: User "secretspace:alice" cannot get resource "secrets" in API group ""'


def status(message: str = "", reason: str = "", causes: list[dict[str, str]] | None = None, **details: Any) -> bytes:
    """A refusal as kube-apiserver writes it."""
    whole = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message}
    return json.dumps(whole | {"reason": reason, "details": details | {"causes": causes}, "code": 0}).encode()


def cause(field: str, reason: str = "FieldValueInvalid", message: str = "") -> dict[str, str]:
    return {"field": field, "reason": reason, "message": message}


def error(
    code: int,
    body: bytes = b"",
    request: KubeRequest = GET,
    acting: Acting | None = None,
    retry_after: str | None = None,
) -> AppError:
    return to_error(code, body, retry_after, request, acting or as_alice())


@pytest.mark.parametrize(
    ("acting", "expected"),
    [
        (as_alice(), UpstreamUnavailableError),
        (as_reserved(), UpstreamUnavailableError),
        (as_service(), UpstreamUnavailableError),
        (as_robot(), InvalidTokenError),
        (as_token(), InvalidTokenError),
    ],
    ids=["impersonated", "reserved", "service", "their own token", "a token to prove"],
)
def test_a_credential_that_is_refused_is_ours_unless_it_is_the_callers(
    acting: Acting, expected: type[AppError]
) -> None:
    assert type(error(401, status("Unauthorized", "Unauthorized"), acting=acting)) is expected


@pytest.mark.parametrize("acting", [as_robot(), as_token()])
def test_that_the_cluster_refused_a_token_is_told_to_the_log_in_a_word(acting: Acting) -> None:
    assert str(error(401, status("Unauthorized", "canary"), acting=acting)) == "cluster"


@pytest.mark.parametrize(
    "message",
    [
        f'users.authentication.k8s.io "secretspace:alice" is forbidden: {IMPERSONATE}:user-info resource "users"',
        f'secrets is forbidden: {IMPERSONATE}-on:user-info:list resource "secrets" in API group "" in the namespace',
        f'users "alice" is forbidden: {IMPERSONATE} resource "users" in API group "" at the cluster scope',
        f'userextras.authentication.k8s.io "x" is forbidden: {IMPERSONATE} resource "userextras/other" in API group',
        f'users "zo\\"e \\\\" is forbidden: {IMPERSONATE} resource "users"',
    ],
)
def test_a_right_to_impersonate_that_we_lack_is_our_own_matter(message: str) -> None:
    found = error(403, status(message, "Forbidden"), LIST)

    assert isinstance(found, OwnAccessError)
    assert (found.verb, found.resource) == ("list", "secrets")


@pytest.mark.parametrize("acting", [as_reserved(), as_service()], ids=["reserved", "service"])
def test_whatever_is_forbidden_to_us_is_our_own_matter(acting: Acting) -> None:
    assert isinstance(error(403, status(NO_RIGHT, "Forbidden"), acting=acting), OwnAccessError)
    assert isinstance(error(403, b"no JSON", acting=acting), OwnAccessError)


@pytest.mark.parametrize(
    "message",
    [
        NO_RIGHT,
        f'{NO_RIGHT}: RBAC: clusterrole.rbac.authorization.k8s.io "{IMPERSONATE}" not found',
        'secrets "a" is forbidden: User "x\\" cannot impersonate" cannot get resource "secrets"',
        f'secrets "a" is forbidden: User "alice" cannot get "is forbidden: {IMPERSONATE}"',
        'secrets "a" is forbidden: unknown',
        "",
    ],
)
def test_what_is_forbidden_to_the_caller_names_the_verb_and_the_resource(message: str) -> None:
    found = error(403, status(message, "Forbidden"), MERGE)

    assert isinstance(found, ForbiddenError)
    assert (found.verb, found.resource) == ("patch", "secrets")


@pytest.mark.parametrize("code", [403, 409])
def test_a_project_that_is_being_deleted_is_told_as_such(code: int) -> None:
    message = 'secrets "a" is forbidden: unable to create new content in namespace demo because it is being terminated'
    body = status(
        message, "Forbidden", [{"reason": "NamespaceTerminating", "message": "…", "field": "metadata.namespace"}]
    )

    assert isinstance(error(code, body, POST), ProjectTerminatingError)
    assert isinstance(error(code, body, POST, as_service()), ProjectTerminatingError)


@pytest.mark.parametrize(
    "why",
    [
        "exceeded quota: few, requested: count/secrets=1, used: count/secrets=2, limited: count/secrets=2",
        "failed quota: few: must specify count/secrets",
    ],
)
def test_a_quota_that_is_used_up_is_told_as_such(why: str) -> None:
    assert isinstance(error(403, status(f'secrets "a" is forbidden: {why}', "Forbidden"), POST), QuotaExceededError)


def test_a_quota_that_a_message_merely_quotes_is_none() -> None:
    message = 'secrets "a" is forbidden: User "alice" cannot get "is forbidden: exceeded quota: x"'

    assert isinstance(error(403, status(message, "Forbidden"), POST), ForbiddenError)


POLICY = "ValidatingAdmissionPolicy 'labels.example.com' with binding 'all' denied request: no label, but value hunter2"
WEBHOOK = 'admission webhook "check.example.com" denied the request: value hunter2'


@pytest.mark.parametrize("code", [400, 403, 409, 422, 429, 500])
@pytest.mark.parametrize(
    ("message", "policy"),
    [
        (f'secrets "a" is forbidden: {POLICY}', "labels.example.com"),
        (f"secrets is forbidden: {POLICY}", "labels.example.com"),
        (WEBHOOK, "check.example.com"),
    ],
)
def test_a_refusal_of_admission_is_told_by_its_name_whatever_its_status(code: int, message: str, policy: str) -> None:
    found = error(code, status(message, "Invalid"), POST)

    assert isinstance(found, RefusedByAdmissionError)
    assert found.policy == policy
    assert "hunter2" not in f"{found!r} {vars(found)}"


@pytest.mark.parametrize(
    "message",
    [
        f'"" is invalid: patch: Invalid value: "{{\\"data\\":{{\\"a\\":\\"is forbidden: {POLICY}\\"}}}}"',
        f'Secret "a" is invalid: metadata.labels: Invalid value: "{WEBHOOK}"',
        "secrets \"a\" is forbidden: ValidatingAdmissionPolicy 'hunter2 and more' with binding",
        'admission webhook "hunter2 and more" denied the request',
    ],
)
def test_what_a_message_merely_quotes_is_no_refusal_of_admission(message: str) -> None:
    found = error(422, status(message, "Invalid", [cause("patch")]), MERGE)

    assert isinstance(found, UpstreamAnswerError)
    assert "hunter2" not in f"{found!r} {vars(found)}"


@pytest.mark.parametrize(
    ("request_", "kind", "expected"),
    [
        (GET, "secrets", SecretNotFoundError),
        (GET, "", SecretNotFoundError),
        (POST, "namespaces", ProjectNotFoundError),
        (WORKSPACE, "workspaces", NotFoundError),
        (WORKSPACE, "", NotFoundError),
    ],
)
def test_what_is_not_there_is_told_by_what_was_asked_for(
    request_: KubeRequest, kind: str, expected: type[AppError]
) -> None:
    assert type(error(404, status("not found", "NotFound", kind=kind), request_)) is expected
    assert type(error(404, b"404 page not found", WORKSPACE)) is NotFoundError


@pytest.mark.parametrize(
    ("message", "reason", "expected"),
    [
        ('secrets "a" already exists', "AlreadyExists", AlreadyExistsError),
        (
            'Operation cannot be fulfilled on secrets "a": the object has been modified; please',
            "Conflict",
            ConflictError,
        ),
        (
            'Operation cannot be fulfilled on secrets "a": StorageError: invalid object, Key: /registry/secrets/a',
            "Conflict",
            ConflictError,
        ),
    ],
)
def test_a_conflict_is_a_name_that_is_taken_or_a_version_that_is_not_there(
    message: str, reason: str, expected: type[AppError]
) -> None:
    found = error(409, status(message, reason), POST)

    assert type(found) is expected
    assert found.args == ()


@pytest.mark.parametrize(
    ("causes", "request_", "expected"),
    [
        ([], OPERATIONS, NotApplicableError),
        ([], MERGE, UpstreamAnswerError),
        ([cause("patch")], MERGE, UpstreamAnswerError),
        ([cause("patch")], OPERATIONS, UpstreamAnswerError),
        ([cause("metadata.uid")], MERGE, PreconditionFailedError),
        ([cause("metadata.uid")], OPERATIONS, PreconditionFailedError),
        ([cause("data", "FieldValueForbidden")], MERGE, ImmutableSecretError),
        ([cause("immutable", "FieldValueForbidden")], MERGE, ImmutableSecretError),
    ],
)
def test_an_unprocessable_patch_is_told_by_the_fields_that_are_at_fault(
    causes: list[dict[str, str]], request_: KubeRequest, expected: type[AppError]
) -> None:
    assert type(error(422, status("…", "Invalid", causes), request_)) is expected


@pytest.mark.parametrize(
    ("found", "pointer", "code"),
    [
        (cause("metadata.name"), "/name", "NAME_INVALID"),
        (cause("metadata.labels"), "/labels", "LABEL_KEY_INVALID"),
        (cause("metadata.annotations", "FieldValueTooLong"), "/annotations", "REFUSED"),
        (
            cause("metadata.annotations[kubernetes.io/service-account.name]", "FieldValueRequired"),
            "/annotations",
            "REFUSED",
        ),
        (cause("type"), "/content/type", "TYPE_IMMUTABLE"),
        (cause("data", "FieldValueTooLong"), "/content", "VALUES_TOO_LARGE"),
        (cause("data[tls.crt]", "FieldValueRequired"), "/content", "DATA_REQUIRED_BY_TYPE"),
        (cause("data[.dockerconfigjson]"), "/content", "REFUSED"),
        (cause("data[hunter 2]"), "/content", "REFUSED"),
        (cause("spec.more"), "", "REFUSED"),
    ],
)
def test_an_invalid_secret_is_told_at_the_place_of_our_own_body(found: dict[str, str], pointer: str, code: str) -> None:
    invalid = error(422, status("…", "Invalid", [found]), POST)

    assert isinstance(invalid, InvalidError)
    assert [(each.pointer, each.fault.code) for each in invalid.violations] == [(pointer, code)]


def test_all_fields_that_are_at_fault_are_told() -> None:
    causes = [cause("metadata.name"), cause("data[a]", "FieldValueRequired")]
    invalid = error(422, status("…", "Invalid", causes), POST)

    assert isinstance(invalid, InvalidError)
    assert [each.pointer for each in invalid.violations] == ["/name", "/content"]


def test_a_fault_that_the_server_tells_twice_is_told_once() -> None:
    causes = [cause("metadata.annotations", "FieldValueTooLong"), cause("metadata.annotations", "FieldValueTooLong")]
    invalid = error(422, status("…", "Invalid", causes), POST)
    assert isinstance(invalid, InvalidError)
    assert [violation.pointer for violation in invalid.violations] == ["/annotations"]


def test_a_body_that_is_too_large_is_the_callers() -> None:
    found = error(413, status("limit is 3145728", "RequestEntityTooLarge"), POST)

    assert isinstance(found, InvalidError)
    assert [each.fault.code for each in found.violations] == ["VALUES_TOO_LARGE"]


@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize(
    ("header", "details", "seconds"),
    [
        ("7", {}, 7),
        (None, {"retryAfterSeconds": 9}, 9),
        ("7", {"retryAfterSeconds": 9}, 7),
        (None, {}, 1),
        ("0", {}, 1),
        ("3600", {}, 60),
        (None, {"retryAfterSeconds": -5}, 1),
        ("Wed, 21 Oct 2026 07:28:00 GMT", {"retryAfterSeconds": 4}, 4),
        ("\u0667", {}, 1),
        ("9" * 5_000, {}, 1),
        ("-1", {}, 1),
    ],
)
def test_an_overloaded_server_is_tried_again_after_a_while(
    code: int, header: str | None, details: dict[str, Any], seconds: int
) -> None:
    found = error(code, status("too many requests", "TooManyRequests", **details), retry_after=header)

    assert isinstance(found, UpstreamUnavailableError)
    assert found.retry_after == seconds


def test_a_list_that_took_too_long_is_begun_anew() -> None:
    assert type(error(410, status("too old", "Expired"), LIST)) is UpstreamExpiredError


def test_a_server_that_was_too_slow_is_told_as_such() -> None:
    assert type(error(504, status("timeout", "Timeout"))) is UpstreamTimeoutError


def test_a_version_that_is_yet_to_come_is_one_at_which_no_secret_is() -> None:
    ahead = status("too large", "Timeout", [cause("", "ResourceVersionTooLarge")])
    at = KubeRequest("GET", core_path("demo", "secrets"), {"resourceVersion": "9", "resourceVersionMatch": "Exact"})
    pods = KubeRequest("GET", core_path("demo", "pods"), at.query)

    assert type(error(504, ahead, at)) is SecretNotFoundError
    assert {type(error(504, ahead, other)) for other in (LIST, pods)} == {UpstreamTimeoutError}
    assert type(error(504, status("timeout", "Timeout"), at)) is UpstreamTimeoutError


@pytest.mark.parametrize("code", [300, 400, 405, 406, 415, 418, 500, 502])
def test_everything_else_makes_no_sense_and_keeps_its_status_and_reason(code: int) -> None:
    found = error(code, status("illegal base64 data at input byte 3", "BadRequest"))

    assert isinstance(found, UpstreamAnswerError)
    assert (found.status, found.reason) == (code, "BadRequest")


@pytest.mark.parametrize(("code", "request_"), [(400, POST), (422, MERGE), (500, GET)], ids=["400", "422", "500"])
def test_a_reason_that_is_none_of_kubernetes_own_words_does_not_come_along(code: int, request_: KubeRequest) -> None:
    found = error(code, status("", canary("reason")), request_)

    assert isinstance(found, UpstreamAnswerError)
    assert leaks(f"{found} {found.reason} {found.args}".encode()) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{", b"\xff", b'{"details": 5}', b"[" * 100_000, b'{"x":' + b"[" * 100_000],
    ids=["empty", "null", "list", "broken", "no text", "another shape", "deep", "deep inside"],
)
def test_a_refusal_that_is_no_status_is_told_by_its_code(body: bytes) -> None:
    assert isinstance(error(500, body), UpstreamAnswerError)
    assert isinstance(error(404, body), SecretNotFoundError)
    assert isinstance(error(422, body), UpstreamAnswerError)


def whole_secret() -> tuple[str, list[str]]:
    """A stored Secret as a failed patch quotes it, and the values in it."""
    values = [canary("stored"), canary("annotation")]
    quoted = json.dumps({"kind": "Secret", "data": {"a": values[0]}, "metadata": {"annotations": {"x": values[1]}}})
    return (
        f'" \\"\\" is invalid: patch: Invalid value: {json.dumps(quoted)}: illegal base64 data at input byte 2',
        values,
    )


@pytest.mark.parametrize("code", [300, 400, 401, 403, 404, 409, 410, 413, 422, 429, 500, 503, 504])
@pytest.mark.parametrize("request_", [GET, POST, MERGE, OPERATIONS], ids=["get", "create", "merge", "operations"])
@pytest.mark.parametrize("field", ["patch", "data", "metadata.labels", "metadata.name", "canary-field"])
@pytest.mark.parametrize("start", ["", 'secrets "a" is forbidden: ', 'admission webhook "a.b" denied the request: '])
def test_nothing_of_a_message_that_quotes_a_whole_secret_comes_along(
    code: int, request_: KubeRequest, field: str, start: str
) -> None:
    quoted, values = whole_secret()
    body = status(
        start + quoted, "Invalid", [cause(field, message=quoted), cause(f"data[{values[0]}]")], name=values[1]
    )

    found = error(code, body, request_)

    shown = f"{found} {found!r} {found.args} {vars(found)} {found.__cause__} {found.__context__}"
    assert leaks(shown.encode()) == []


@given(st.integers(300, 599), st.text(), st.lists(st.text(max_size=10), max_size=3), st.text(max_size=5))
def test_whatever_the_refusal_it_becomes_an_error_of_ours(
    code: int, message: str, fields: list[str], reason: str
) -> None:
    body = json.dumps(
        {"message": message, "reason": reason, "details": {"causes": [{"field": each} for each in fields]}}
    )

    assert isinstance(error(code, body.encode(errors="replace"), MERGE), AppError)
