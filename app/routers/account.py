"""Local accounts: list, make, read, change, delete; set a password; sign out everywhere."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response, status

from app.dependencies import AccountsDep, CallerDep, IfMatch, PageNumber
from app.domain.errors import (
    AccountNotFoundError,
    AlreadyExistsError,
    ConflictError,
    ForbiddenError,
    IsManagerError,
    NameRetiredError,
    PasswordChangeRequiredError,
    PreconditionFailedError,
    PreconditionRequiredError,
    RouteNotFoundError,
    TooManyAttemptsError,
    TooManyRequestsError,
)
from app.openapi import ACCEPTS
from app.problems import problems
from app.routers.access import signed_in
from app.routers.answer import answers, etag, json_answer, location
from app.routers.route import JSON, MERGE_PATCH, StrictRoute
from app.routers.secret_query import PageSize
from app.schemas.account import AccountCreate, AccountList, AccountPatch, AccountView, PasswordUpdate

ACCOUNTS = "/api/v1/accounts"

router = APIRouter(prefix=ACCOUNTS, tags=["accounts"], route_class=StrictRoute)

AccountName = Annotated[
    str, Path(description="An account's name, without the prefix.", examples=["project-regular"], alias="account")
]

_MANAGERS = "Needs the right to manage accounts.iam.secretspace.io."
_OWNERS_TOO = "Everybody may with their own; another's needs the right to manage accounts.iam.secretspace.io."
_REFUSED = (RouteNotFoundError, ForbiddenError, PasswordChangeRequiredError)
_WRITES = (
    *_REFUSED,
    AccountNotFoundError,
    PreconditionFailedError,
    PreconditionRequiredError,
    ConflictError,
)


@router.get(
    "",
    operation_id="listAccounts",
    summary="List local accounts",
    responses=problems(*_REFUSED),
    openapi_extra=signed_in(_MANAGERS),
)
async def list_accounts(
    *, caller: CallerDep, accounts: AccountsDep, limit: PageSize, page: PageNumber = 1
) -> AccountList:
    return AccountList.from_domain(await accounts.page(caller, page, limit), accounts.prefix)


@router.post(
    "",
    operation_id="createAccount",
    summary="Make a local account",
    status_code=status.HTTP_201_CREATED,
    response_model=AccountView,
    responses={
        **answers(status.HTTP_201_CREATED, created=True),
        **problems(*_REFUSED, AlreadyExistsError, NameRetiredError, TooManyRequestsError),
    },
    openapi_extra=signed_in(_MANAGERS),
)
async def create_account(
    *, request: Request, body: AccountCreate, caller: CallerDep, accounts: AccountsDep
) -> Response:
    account = await accounts.create(caller, body.to_domain())
    headers = location(request, f"{ACCOUNTS}/{account.name}") | etag(account.version)
    return json_answer(AccountView.from_domain(account, accounts.prefix), status.HTTP_201_CREATED, headers)


@router.get(
    "/{account}",
    operation_id="getAccount",
    summary="Read a local account",
    responses={**answers(), **problems(*_REFUSED, AccountNotFoundError)},
    openapi_extra=signed_in(_OWNERS_TOO),
)
async def get_account(
    *, name: AccountName, caller: CallerDep, accounts: AccountsDep, response: Response
) -> AccountView:
    account = await accounts.get(caller, name)
    response.headers.update(etag(account.version))
    return AccountView.from_domain(account, accounts.prefix)


@router.patch(
    "/{account}",
    operation_id="updateAccount",
    summary="Disable, or change roles or e-mail address",
    description="All tokens of the account end where it is disabled or its platform roles become others.",
    responses={**answers(), **problems(*_WRITES)},
    openapi_extra=signed_in(_MANAGERS) | {ACCEPTS: [JSON, MERGE_PATCH]},
)
async def update_account(
    *,
    name: AccountName,
    body: AccountPatch,
    if_match: IfMatch,
    caller: CallerDep,
    accounts: AccountsDep,
    response: Response,
) -> AccountView:
    account = await accounts.update(caller, name, body.to_domain(), expected=if_match)
    response.headers.update(etag(account.version))
    return AccountView.from_domain(account, accounts.prefix)


@router.delete(
    "/{account}",
    operation_id="deleteAccount",
    summary="Delete a local account for good",
    description=(
        "Its tokens and its roles in workspaces and projects end; role bindings that others made stay. Nobody else "
        "ever gets its name, for they name people."
    ),
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(*_WRITES, IsManagerError),
    openapi_extra=signed_in(_MANAGERS),
)
async def delete_account(*, name: AccountName, if_match: IfMatch, caller: CallerDep, accounts: AccountsDep) -> None:
    await accounts.delete(caller, name, expected=if_match)


@router.put(
    "/{account}/password",
    operation_id="setPassword",
    summary="Set the password of a local account",
    description="All tokens of the account end, the one that was sent with this request too: sign in anew.",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(*_REFUSED, AccountNotFoundError, ConflictError, TooManyRequestsError, TooManyAttemptsError),
    openapi_extra=signed_in(_OWNERS_TOO),
)
async def set_password(*, name: AccountName, body: PasswordUpdate, caller: CallerDep, accounts: AccountsDep) -> None:
    await accounts.set_password(caller, name, body.to_domain())


@router.post(
    "/{account}/sign-out",
    operation_id="signOutEverywhere",
    summary="End all tokens of a local account",
    description="Access tokens and sessions, wherever they are; this one too.",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(*_REFUSED, AccountNotFoundError, ConflictError),
    openapi_extra=signed_in(_OWNERS_TOO),
)
async def sign_out_everywhere(*, name: AccountName, caller: CallerDep, accounts: AccountsDep) -> None:
    await accounts.sign_out(caller, name)
