"""What a generator of clients, and a person, may rely on in the document (design section 3, D10)."""

import re
from typing import Any

import jsonschema
import pytest
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from app.openapi import ACCESS
from tests.architecture.openapi import REF, media, operations, parts, responses, schemas

TOLD_APART_WITHOUT_TAG = {"ValueInput", "ValueView"}
"""A string, an object of `text` alone, an object of `base64` alone: no two of them can be meant at once."""


WITHOUT_ETAG = {
    "createSecret 200",  # a dry run: nothing is there
    "importSecret 200",
    "copySecret 200",
    "newSecretVersion 200",
    "getProject 200",  # no write of theirs is conditional yet
    "getWorkspace 200",
}


@pytest.fixture(scope="session")
def named(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The schemas that have a name."""
    components: dict[str, dict[str, Any]] = document["components"]["schemas"]
    return components


@pytest.fixture(scope="session")
def in_requests(document: dict[str, Any], named: dict[str, dict[str, Any]]) -> set[str]:
    """The names of those that a request can hold."""
    sent = [[operation.get("requestBody"), operation.get("parameters")] for _, operation in operations(document)]
    found: set[str] = set()
    pending: list[Any] = [*sent]
    while pending:
        for _, part in parts(pending.pop()):
            name = str(part.get("$ref", "")).removeprefix(REF)
            if name in named and name not in found:
                found.add(name)
                pending.append(named[name])
    return found


def test_it_is_openapi_3_1_and_says_what_it_is(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert re.fullmatch(r"\d+\.\d+\.\d+", document["info"]["version"])
    assert document["info"]["description"]
    assert "servers" not in document


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    places = {at for at, _ in parts(document)}
    assert not [part["$ref"] for _, part in parts(document) if "$ref" in part and part["$ref"] not in places]


def test_no_name_tells_of_the_framework(named: dict[str, dict[str, Any]]) -> None:
    assert not [name for name in named if not re.fullmatch(r"[A-Z][A-Za-z0-9]+", name)]
    assert not named.keys() & {"HTTPValidationError", "ValidationError"}


def test_every_object_with_fields_has_a_name(document: dict[str, Any]) -> None:
    assert not [at for at, each in schemas(document) if "properties" in each and at.count("/") > REF.count("/")]


def test_every_object_with_fields_says_what_it_is(named: dict[str, dict[str, Any]]) -> None:
    assert not [name for name, each in named.items() if "properties" in each and not each.get("description")]


def test_every_union_has_a_name_and_stands_inside_of_an_object(document: dict[str, Any]) -> None:
    nameless = [at for at, each in schemas(document) if len(choices(each)) > 1 and at.count("/") > REF.count("/")]
    assert not nameless
    unions = {REF + name for name, each in document["components"]["schemas"].items() if len(choices(each)) > 1}
    assert not [where for where, body in media(document) if body.get("schema", {}).get("$ref") in unions]


def test_every_union_tells_its_members_apart_by_a_required_field(named: dict[str, dict[str, Any]]) -> None:
    unions = {name: each for name, each in named.items() if len(choices(each)) > 1}
    assert {name for name, each in unions.items() if "discriminator" not in each} == TOLD_APART_WITHOUT_TAG
    tagged = [each for name, each in unions.items() if name not in TOLD_APART_WITHOUT_TAG]
    assert tagged
    for union in tagged:
        field, mapping = union["discriminator"]["propertyName"], union["discriminator"]["mapping"]
        members = {tag: named[reference.removeprefix(REF)] for tag, reference in mapping.items()}
        assert {choice["$ref"] for choice in union["oneOf"]} == set(mapping.values())
        assert {tag: member["properties"][field]["const"] for tag, member in members.items()} == {
            tag: tag for tag in mapping
        }
        assert all(field in member["required"] for member in members.values())


def test_what_is_sent_is_closed_and_what_is_answered_may_grow(
    named: dict[str, dict[str, Any]], in_requests: set[str]
) -> None:
    closed = {name for name, each in named.items() if each.get("additionalProperties") is False}
    objects = {name for name, each in named.items() if "properties" in each}
    open_forms = {"TokenRequest", "RevocationRequest"}  # RFC 6749 section 3.2: unknown parameters are ignored
    assert closed == (objects & in_requests) - open_forms


def test_answers_have_no_defaults_and_leave_out_rather_than_null(
    named: dict[str, dict[str, Any]], in_requests: set[str]
) -> None:
    answered = {name: each for name, each in named.items() if name not in in_requests}
    fields = {
        f"{name}.{field}": (described, field in each.get("required", ()))
        for name, each in answered.items()
        for field, described in each.get("properties", {}).items()
    }
    assert not [where for where, (described, _) in fields.items() if "default" in described]
    assert not [where for where, (described, required) in fields.items() if not required and may_be_null(described)]


def test_no_title_is_made_of_a_name(document: dict[str, Any]) -> None:
    assert not [at for at, each in schemas(document) if "title" in each]


def test_every_example_fits_what_it_is_an_example_of(document: dict[str, Any]) -> None:
    examples = [(at, example) for at, each in schemas(document) for example in each.get("examples", ())]
    assert len(examples) > 20
    assert not [at for at, example in examples if not fits(example, at, document)]


def test_every_example_of_a_body_fits_the_body(document: dict[str, Any]) -> None:
    known = document["components"]["examples"]
    examples = [
        (f"{where} {name}", known[reference["$ref"].rpartition("/")[2]]["value"], body["schema"]["$ref"])
        for where, body in media(document)
        for name, reference in body.get("examples", {}).items()
    ]
    assert examples
    assert not [where for where, example, at in examples if not fits(example, at, document)]


def test_no_parameter_is_null_and_each_is_described(document: dict[str, Any]) -> None:
    parameters = [parameter for _, operation in operations(document) for parameter in operation.get("parameters", ())]
    assert not [parameter["name"] for parameter in parameters if may_be_null(parameter["schema"])]
    assert not [parameter["name"] for parameter in parameters if not parameter.get("description", "").endswith(".")]


def test_every_error_is_a_problem_document_and_names_its_codes(document: dict[str, Any]) -> None:
    errors = {where: response for where, status, response in responses(document) if status >= 400}
    assert {where: list(response["content"]) for where, response in errors.items()} == {
        where: ["application/problem+json"] for where in errors
    }
    bodies = [response["content"]["application/problem+json"] for response in errors.values()]
    assert {body["schema"]["$ref"] for body in bodies} == {REF + "Problem", REF + "OAuthProblem"}
    assert not [where for where, body in zip(errors, bodies, strict=True) if not body["examples"]]


def test_no_success_is_a_problem_document(document: dict[str, Any]) -> None:
    assert not [
        where
        for where, status, response in responses(document)
        if status < 400 and "application/problem+json" in response.get("content", {})
    ]


def test_every_answer_names_the_request(document: dict[str, Any]) -> None:
    assert not [where for where, _, response in responses(document) if "X-Request-Id" not in response["headers"]]


@pytest.mark.parametrize(("status", "header"), [(401, "WWW-Authenticate"), (429, "Retry-After"), (503, "Retry-After")])
def test_an_answer_to_try_again_says_how(document: dict[str, Any], status: int, header: str) -> None:
    asked = [(where, response) for where, given, response in responses(document) if given == status]
    assert asked
    assert not [where for where, response in asked if header not in response["headers"]]


def test_what_is_created_says_where_it_is(document: dict[str, Any]) -> None:
    created = [(where, response) for where, status, response in responses(document) if status == 201]
    assert created
    assert not [where for where, response in created if "Location" not in response["headers"]]


def test_an_answer_that_holds_an_etag_has_it_in_its_header_too(
    document: dict[str, Any], named: dict[str, dict[str, Any]]
) -> None:
    versioned = {REF + name for name, each in named.items() if "etag" in each.get("properties", {})}
    without = {
        where
        for where, _, response in responses(document)
        for body in response.get("content", {}).values()
        if body.get("schema", {}).get("$ref") in versioned and "ETag" not in response["headers"]
    }
    assert without == WITHOUT_ETAG


def test_every_operation_declares_what_the_middleware_refuses(document: dict[str, Any]) -> None:
    missing = {
        name: {"400", "413", "431", "500", "504"} - operation["responses"].keys()
        for name, operation in operations(document)
    }
    assert not {name for name, statuses in missing.items() if statuses}


def test_every_operation_is_open_or_says_that_a_caller_is_needed(document: dict[str, Any]) -> None:
    is_open = {name: "open" in operation[ACCESS] for name, operation in operations(document)}
    assert {name: "401" not in operation["responses"] for name, operation in operations(document)} == is_open
    assert {name: operation.get("security") == [] for name, operation in operations(document)} == is_open
    assert document["security"]
    assert {name for each in document["security"] for name in each} == document["components"]["securitySchemes"].keys()


def test_every_operation_with_a_body_declares_how_it_can_be_wrong(document: dict[str, Any]) -> None:
    with_body = {name: "requestBody" in operation for name, operation in operations(document)}
    assert {name: "415" in operation["responses"] for name, operation in operations(document)} == with_body
    assert {name: "408" in operation["responses"] for name, operation in operations(document)} == with_body


def test_every_write_that_takes_a_version_declares_that_it_may_be_stale(document: dict[str, Any]) -> None:
    conditional = {
        name
        for name, operation in operations(document)
        for parameter in operation.get("parameters", ())
        if parameter["name"] == "If-Match"
    }
    assert conditional
    assert conditional <= {name for name, operation in operations(document) if "412" in operation["responses"]}


def test_every_tag_is_described_and_used(document: dict[str, Any]) -> None:
    used = {tag for _, operation in operations(document) for tag in operation["tags"]}
    assert {tag["name"] for tag in document["tags"]} == used
    assert all(tag["description"] for tag in document["tags"])


def choices(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The alternatives of a union, null not among them."""
    return [each for each in (*schema.get("oneOf", ()), *schema.get("anyOf", ())) if each != {"type": "null"}]


def may_be_null(schema: dict[str, Any]) -> bool:
    """Whether null is one of its values."""
    return {"type": "null"} in schema.get("anyOf", ()) or schema.get("type") == "null"


def fits(example: Any, at: str, document: dict[str, Any]) -> bool:
    """Whether an example is valid by the schema that stands there."""
    resource = DRAFT202012.create_resource(document)
    registry = Registry().with_resource("urn:document", resource)
    validator = jsonschema.Draft202012Validator({"$ref": f"urn:document{at}"}, registry=registry)
    return bool(validator.is_valid(example))
