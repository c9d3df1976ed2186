"""The values of a Secret: reveal, replace, change single keys."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from app.dependencies import EditTermsDep, ReaderDep, SecretPath, WriterDep
from app.domain.errors import KeyNotFoundError, NotApplicableError
from app.problems import problems
from app.routers import refusal
from app.routers.access import access
from app.routers.answer import SECRETS, answers, attachment, etag
from app.routers.route import StrictRoute
from app.schemas.secret_input import SecretDataPatch, SecretDataReplace
from app.schemas.secret_view import SecretData, SecretWritten

router = APIRouter(prefix=SECRETS + "/{name}/data", tags=["values"], route_class=StrictRoute)

_OCTETS = "application/octet-stream"


class RevealView(StrEnum):
    """How values are revealed."""

    RAW = "raw"


@router.get(
    "",
    operation_id="getSecretData",
    summary="Reveal values",
    description="All of them in the words of the kind, or as they are stored. A line in the log is written first.",
    responses={**answers(), **problems(*refusal.REVEAL, KeyNotFoundError)},
    response_model_exclude_none=True,
    openapi_extra=access("get", name=True),
)
async def get_secret_data(
    *,
    secret: SecretPath,
    reader: ReaderDep,
    response: Response,
    key: Annotated[list[str], Query(default_factory=list, description="Only these keys.", max_length=1024)],
    view: Annotated[RevealView | None, Query(description="`raw`: keys and values as they are stored.")] = None,
) -> SecretData:
    revealed = await reader.reveal(secret, list(dict.fromkeys(key)), raw=view is RevealView.RAW)
    response.headers.update(etag(revealed.version))
    return SecretData.from_domain(revealed)


@router.get(
    "/{key}",
    operation_id="getSecretKey",
    summary="Reveal one value as bytes",
    response_class=Response,
    responses={
        200: {**answers()[200], "content": {_OCTETS: {"schema": {"type": "string", "format": "binary"}}}},
        **problems(*refusal.REVEAL, KeyNotFoundError),
    },
    openapi_extra=access("get", name=True),
)
async def get_secret_key(
    *, secret: SecretPath, key: Annotated[str, Path(description="A key.", examples=["password"])], reader: ReaderDep
) -> Response:
    value, version = await reader.reveal_key(secret, key)
    headers = etag(version) | attachment(key)
    return Response(value, headers=headers, media_type=_OCTETS)


@router.put(
    "",
    operation_id="replaceSecretData",
    summary="Edit Secret: replace the values of its kind",
    description="Only what differs is written. What a full reveal showed can be sent back as it is.",
    responses={**answers(), **problems(*refusal.WRITE_VALUES)},
    openapi_extra=access("get", "patch", name=True),
)
async def replace_secret_data(
    *, secret: SecretPath, body: SecretDataReplace, terms: EditTermsDep, writer: WriterDep, response: Response
) -> SecretWritten:
    written = await writer.edit(secret, body.to_domain(), terms)
    response.headers.update(etag(written.version))
    return SecretWritten.from_domain(written)


@router.patch(
    "",
    operation_id="patchSecretData",
    summary="Change single keys",
    description="Set, remove and rename keys in one step; the others are neither read nor sent.",
    responses={**answers(), **problems(*refusal.WRITE_VALUES, NotApplicableError)},
    openapi_extra=access("patch", name=True),
)
async def patch_secret_data(
    *, secret: SecretPath, body: SecretDataPatch, terms: EditTermsDep, writer: WriterDep, response: Response
) -> SecretWritten:
    written = await writer.edit(secret, body.to_domain(), terms)
    response.headers.update(etag(written.version))
    return SecretWritten.from_domain(written)
