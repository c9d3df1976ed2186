"""A Secret as YAML: view, download, update, upload."""

import asyncio
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Depends, Query, Request, Response

from app import settings
from app.dependencies import EditTermsDep, ReaderDep, SecretPath, ServicesDep, WriterDep
from app.domain.errors import BodyTooLargeError, InvalidError
from app.domain.fault import Fault, Violation
from app.domain.manifest import Document, SecretManifest
from app.problems import problems
from app.routers import refusal
from app.routers.access import access
from app.routers.answer import SECRETS, answers, attachment, etag
from app.routers.route import StrictRoute, require_media_type
from app.schemas.secret_view import SecretWritten
from app.schemas.yaml import Limits, read_secret, read_secrets, write_secret

router = APIRouter(prefix=SECRETS + "/{name}/yaml", tags=["yaml"], route_class=StrictRoute)

YAML: Final = "application/yaml"
YAML_TYPES: Final = (YAML, "application/x-yaml", "text/yaml", "text/x-yaml")
"""RFC 9512 and the older names that it lists."""
_READABLE: Final = 8
"""How many times the keys that a new Secret may have are read: others' Secrets may have more, and can be edited."""
_TEXT: Final[dict[str, Any]] = {"schema": {"type": "string"}}
YAML_BODY: Final[dict[str, Any]] = dict.fromkeys(YAML_TYPES, _TEXT)
"""What an operation says of a body that is YAML."""
T = TypeVar("T")


class YamlValues(StrEnum):
    """What a YAML view shows in the place of values."""

    MASKED = "masked"
    PLAIN = "plain"


async def manifest(request: Request, services: ServicesDep) -> SecretManifest:
    """The document of the body.

    Raises:
        InvalidError: it is none, breaks a limit, or is no Secret.
        UnsupportedMediaTypeError: the body is not said to be YAML.
    """
    return await read_manifest(await yaml_body(request), services.settings.limits)


async def yaml_body(request: Request) -> bytes:
    """The body, which is said to be YAML.

    Raises:
        InvalidError: there is none.
        UnsupportedMediaTypeError: it is said to be something else.
    """
    body = await request.body()
    if not body:
        raise InvalidError([Violation("", Fault.BODY_REQUIRED)])
    require_media_type(request.headers, YAML_TYPES)
    return body


async def read_manifest(body: bytes, limits: settings.Limits) -> SecretManifest:
    """Read a document.

    Raises:
        InvalidError: it is none, breaks a limit, or is no Secret.
    """
    return await _read(read_secret, body, limits)


async def read_documents(body: bytes, limits: settings.Limits) -> list[Document]:
    """Read several documents, each by itself.

    Raises:
        InvalidError: the text as a whole cannot be read, or breaks a limit.
    """
    return await _read(read_secrets, body, limits)


async def _read(read: Callable[[bytes, Limits], T], body: bytes, limits: settings.Limits) -> T:
    """Read in a thread, since a large text takes its time."""
    if len(body) > limits.yaml_bytes:
        raise BodyTooLargeError(limits.yaml_bytes)
    return await asyncio.to_thread(read, body, Limits(size=limits.yaml_bytes, keys=_READABLE * limits.keys))


ManifestDep = Annotated[SecretManifest, Depends(manifest)]


@router.get(
    "",
    operation_id="getSecretYaml",
    summary="View or download a Secret as YAML",
    description="A manifest for kubectl. Values are masked; `values=plain` reveals them, and is recorded as a reveal.",
    response_class=Response,
    responses={
        200: {**answers()[200], "content": {YAML: _TEXT}},
        **problems(*refusal.REVEAL),
    },
    openapi_extra=access("get", name=True),
)
async def get_secret_yaml(
    *,
    secret: SecretPath,
    reader: ReaderDep,
    values: Annotated[YamlValues, Query(description="Whether values are shown.")] = YamlValues.MASKED,
    download: Annotated[bool, Query(description="Have a browser save it as a file.")] = False,
) -> Response:
    shown, version = await reader.manifest(secret, reveal=values is YamlValues.PLAIN)
    text = write_secret(shown, masked=values is YamlValues.MASKED)
    file = attachment(f"{secret.name}.{secret.namespace}.secret.yaml") if download else {}
    return Response(text, headers=etag(version) | file, media_type=YAML)


@router.put(
    "",
    operation_id="updateSecretYaml",
    summary="Edit YAML: update or upload",
    description=(
        "The document is the whole of what the view shows: a key, label or annotation that it lacks is removed. "
        "A masked value stays as it is stored."
    ),
    responses={
        **answers(),
        **problems(*refusal.WRITE_VALUES),
    },
    openapi_extra=access("get", "patch", name=True) | {"requestBody": {"required": True, "content": YAML_BODY}},
)
async def update_secret_yaml(
    *, secret: SecretPath, terms: EditTermsDep, document: ManifestDep, writer: WriterDep, response: Response
) -> SecretWritten:
    written = await writer.edit(secret, document, terms)
    response.headers.update(etag(written.version))
    return SecretWritten.from_domain(written)
