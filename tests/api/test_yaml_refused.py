"""Documents that are refused: with line and column of all that is wrong, never with the text that is wrong."""

import httpx
import pytest
import pytest_asyncio

from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import Person, Project
from tests.support.secret import Stored, encoded, made_elsewhere, refusal, stored

VALUE = canary()
ALIAS = "kubesphere.io/alias-name"
HEAD = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: demo\n"
Place = tuple[str, str, int | None, int | None]


@pytest_asyncio.fixture
async def before(admin: Admin, project: Project) -> Stored:
    """A Secret as it is before it is edited."""
    annotations = {"kubesphere.io/creator": "somebody"}
    return await made_elsewhere(admin, project, {"k": VALUE}, annotations=annotations)


async def updated(person: Person, project: Project, text: str | bytes) -> httpx.Response:
    """The answer to an update by a document."""
    return await person.put_yaml(f"{project.secrets}/demo/yaml", text)


def places(response: httpx.Response) -> list[Place]:
    """What is wrong with a document: where and what, in which line and column."""
    errors = response.json()["errors"]
    return [(error["pointer"], error["code"], error.get("line"), error.get("column")) for error in errors]


_DOCUMENTS: dict[str, tuple[str | bytes, list[Place]]] = {
    "another Secret": (
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: other\n  namespace: elsewhere\ntype: example.com/x\n",
        [
            ("/metadata/name", "NAME_MISMATCH", 4, 3),
            ("/metadata/namespace", "PROJECT_MISMATCH", 5, 3),
            ("/type", "TYPE_IMMUTABLE", 6, 1),
        ],
    ),
    "another creator": (
        f"{HEAD}  annotations:\n    kubesphere.io/creator: me\n",
        [("/metadata/annotations/kubesphere.io~1creator", "RESERVED_ANNOTATION", 6, 5)],
    ),
    "information": (
        f"{HEAD}  labels:\n    -a: b\n    a: b c\n  annotations:\n    {ALIAS}: {'a' * 64}\n    a b: c\n",
        [
            ("/metadata/labels/-a", "LABEL_KEY_INVALID", 6, 5),
            ("/metadata/labels/a", "LABEL_VALUE_INVALID", 7, 5),
            ("/metadata/annotations/kubesphere.io~1alias-name", "ALIAS_TOO_LONG", 9, 5),
            ("/metadata/annotations/a b", "LABEL_KEY_INVALID", 10, 5),
        ],
    ),
    "keys": (
        f"{HEAD}data:\n  a b: ''\nstringData:\n  ..: {VALUE}\n",
        [("/data/a b", "KEY_INVALID", 6, 3), ("/stringData/..", "KEY_INVALID", 8, 3)],
    ),
    "values without quotes": (
        f"{HEAD}stringData:\n  a: yes\n  b: 0777\n  c: 12:30\n  d: 1e3\n  e: null\ndata:\n  f: 1234\n",
        [
            ("/stringData/a", "YAML_QUOTE_IT", 6, 6),
            ("/stringData/b", "YAML_QUOTE_IT", 7, 6),
            ("/stringData/c", "YAML_QUOTE_IT", 8, 6),
            ("/stringData/d", "YAML_QUOTE_IT", 9, 6),
            ("/stringData/e", "YAML_QUOTE_IT", 10, 6),
            ("/data/f", "YAML_QUOTE_IT", 12, 6),
        ],
    ),
    "no base64": (f"{HEAD}data:\n  k: {VALUE}\n", [("/data/k", "INVALID_BASE64", 6, 6)]),
    "a mask of another length": (f'{HEAD}data:\n  k: "<kept: 7 bytes>"\n', [("/data/k", "MASK_NOT_ALLOWED", 6, 3)]),
    "a mask of nothing": (f'{HEAD}data:\n  new: "<kept: 7 bytes>"\n', [("/data/new", "MASK_NOT_ALLOWED", 6, 3)]),
    "a mask among texts": (
        f'{HEAD}stringData:\n  k: "<kept: {len(VALUE)} bytes>"\n',
        [("/stringData/k", "MASK_NOT_ALLOWED", 6, 6)],
    ),
    "unknown fields": (
        f"{HEAD}  clusterName: x\nstringdata:\n  k: {VALUE}\n",
        [("/metadata/clusterName", "UNKNOWN_FIELD", 5, 3), ("/stringdata", "UNKNOWN_FIELD", 6, 1)],
    ),
    "a name twice": (
        f"{HEAD}stringData:\n  k: {VALUE}\n  k: {VALUE}\n",
        [("/stringData/k", "YAML_DUPLICATE_KEY", 7, 3)],
    ),
    "an anchor and its alias": (
        f"{HEAD}stringData:\n  k: &a {VALUE}\n  l: *a\n",
        [("/stringData/k", "YAML_ALIAS", 6, 6), ("/stringData/l", "YAML_ALIAS", 7, 6)],
    ),
    "a tag": (f"{HEAD}stringData:\n  k: !secret {VALUE}\n", [("/stringData/k", "YAML_TAG", 6, 6)]),
    "another kind": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: demo}\n",
        [("/kind", "YAML_NOT_A_SECRET", 2, 7)],
    ),
    "no kind": (f"k: {VALUE}\n", [("/apiVersion", "YAML_NOT_A_SECRET", 1, 1), ("/kind", "YAML_NOT_A_SECRET", 1, 1)]),
    "a text alone": (VALUE, [("/apiVersion", "YAML_NOT_A_SECRET", 1, 1), ("/kind", "YAML_NOT_A_SECRET", 1, 1)]),
    "two documents": (f"{HEAD}---\n{HEAD}", [("", "YAML_ONE_DOCUMENT", 6, 1)]),
    "only a comment": ("# nothing\n", [("", "YAML_ONE_DOCUMENT", 1, 1)]),
    "no YAML": (f"{HEAD}stringData:\n  k: '{VALUE}\n", [("", "YAML_MALFORMED", 7, 1)]),
    "tabs": (f"{HEAD}stringData:\n\tk: {VALUE}\n", [("", "YAML_MALFORMED", 6, 1)]),
    "another encoding": (f"{HEAD}stringData:\n  k: ".encode() + b"\xff\n", [("", "YAML_NOT_UTF8", 6, 6)]),
    "no name": ("apiVersion: v1\nkind: Secret\n", [("/metadata/name", "REQUIRED", 1, 1)]),
    "lists where maps belong": (
        f"{HEAD}  labels: []\ndata: []\nimmutable: 'yes'\n",
        [
            ("/metadata/labels", "WRONG_TYPE", 5, 11),
            ("/data", "WRONG_TYPE", 6, 7),
            ("/immutable", "WRONG_TYPE", 7, 12),
        ],
    ),
    "lists in lists": ("[" * 20 + "]" * 20, [("", "YAML_TOO_DEEP", 1, 17)]),
    "a hundred thousand of them": ("[" * 100_000, [("", "YAML_MALFORMED", 1, 1001)]),
    "too many keys": (
        HEAD + "stringData:\n" + "".join(f"  k{number}: ''\n" for number in range(1025)),
        [("/data", "TOO_MANY_KEYS", 1, 1)],
    ),
    "values too large": (
        HEAD + f"stringData:\n  k: {'x' * 600_000}\n  l: {'y' * 600_000}\n",
        [("/data", "VALUES_TOO_LARGE", 1, 1)],
    ),
}


@pytest.mark.parametrize(("text", "expected"), _DOCUMENTS.values(), ids=_DOCUMENTS)
async def test_a_document_that_does_not_fit_is_refused_with_the_places_of_all_that_is_wrong(
    operator: Person, project: Project, admin: Admin, before: Stored, text: str | bytes, expected: list[Place]
) -> None:
    response = await updated(operator, project, text)
    assert refusal(response) == (422, "INVALID")
    assert places(response) == expected
    assert await stored(admin, project) == before


async def test_a_mask_is_stale_once_the_value_has_another_length(
    operator: Person, project: Project, admin: Admin, before: Stored
) -> None:
    text = (await operator.get(f"{project.secrets}/demo/yaml")).text
    await admin.merge(f"{project.kube_secrets}/demo", {"data": {"k": encoded("short")}})
    response = await updated(operator, project, text)
    assert [place[:2] for place in places(response)] == [("/data/k", "MASK_NOT_ALLOWED")]
    assert (await stored(admin, project)).data == {"k": b"short"}


async def test_keys_that_the_type_asks_for_stay(operator: Person, project: Project, admin: Admin) -> None:
    before = await made_elsewhere(admin, project, {"tls.crt": VALUE, "tls.key": VALUE}, "kubernetes.io/tls")
    response = await updated(operator, project, f"{HEAD}stringData:\n  tls.crt: {VALUE}\n")
    none = await updated(operator, project, HEAD)
    assert places(response) == [("/data/tls.key", "DATA_REQUIRED_BY_TYPE", 1, 1)]
    assert [place[:2] for place in places(none)] == [
        ("/data/tls.crt", "DATA_REQUIRED_BY_TYPE"),
        ("/data/tls.key", "DATA_REQUIRED_BY_TYPE"),
    ]
    assert await stored(admin, project) == before


async def test_what_only_the_cluster_can_tell_is_told_at_its_place(
    operator: Person, project: Project, admin: Admin
) -> None:
    key = ".dockerconfigjson"
    before = await made_elsewhere(admin, project, {key: '{"auths": {}}'}, "kubernetes.io/dockerconfigjson")
    response = await updated(operator, project, f"{HEAD}data:\n  {key}: {encoded(VALUE)}\n")
    assert places(response) == [("/data", "REFUSED", 5, 1)]
    assert await stored(admin, project) == before


async def test_a_document_over_the_limit_is_not_read(operator: Person, project: Project, before: Stored) -> None:
    response = await updated(operator, project, HEAD + "# " + "x" * 2 * 1024 * 1024)
    assert refusal(response) == (413, "BODY_TOO_LARGE")


async def test_an_empty_body_is_no_document(operator: Person, project: Project, before: Stored) -> None:
    response = await updated(operator, project, b"")
    assert places(response) == [("", "BODY_REQUIRED", None, None)]


@pytest.mark.parametrize(("count", "listed"), [(99, 99), (300, 100)])
async def test_no_more_is_listed_than_a_person_reads(
    operator: Person, project: Project, before: Stored, count: int, listed: int
) -> None:
    fields = "".join(f"unknown{number}: {VALUE}\n" for number in range(count))
    response = await updated(operator, project, HEAD + fields)
    assert len(response.json()["errors"]) == listed
