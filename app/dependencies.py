"""What routes ask for, as annotated types; FastAPI's glue and nothing else."""

import re
from dataclasses import replace
from typing import Annotated, Final, cast

from fastapi import Depends, Header, Path, Query, Request

from app.domain.call import Caller
from app.domain.errors import (
    InvalidError,
    InvalidFieldError,
    PreconditionRequiredError,
    ProjectNotFoundError,
    RouteNotFoundError,
    SecretNotFoundError,
    WorkspaceNotFoundError,
)
from app.domain.fault import Fault, Violation
from app.domain.name import ProjectName, SecretName, label_value_fault
from app.domain.override import Override, Overrides
from app.domain.secret import ProjectRef, SecretRef
from app.domain.terms import Terms, UpsertTerms
from app.domain.version import ANY, Precondition, Version
from app.identity.administration import AccountAdministration
from app.services.project_member import ProjectMembers
from app.services.project_writing import ProjectWriter
from app.services.secret_batch_deletion import SecretBatchDeletion
from app.services.secret_copying import SecretCopier
from app.services.secret_reading import SecretReader
from app.services.secret_restoring import SecretRestorer
from app.services.secret_validation import SecretValidator
from app.services.secret_versioning import SecretVersioner
from app.services.secret_writing import SecretWriter
from app.services.secret_yaml_creation import ManifestCreator
from app.services.subject import UserNames
from app.services.tenancy import Tenancy
from app.services.workspace_member import WorkspaceMembers
from app.services.workspace_writing import WorkspaceWriter
from app.wiring import Services

_ETAG: Final = re.compile(r'(?:W/)?"[^"]*"')

_Workspace = Annotated[str, Path(description="A workspace.", examples=["demo-workspace"])]
_Project = Annotated[str, Path(description="A project of the workspace.", examples=["demo-project"])]
_Name = Annotated[str, Path(description="A Secret of the project.", examples=["demo-secret"])]


async def services(request: Request) -> Services:
    """What lives as long as the process."""
    return cast("Services", request.state.services)


ServicesDep = Annotated[Services, Depends(services)]


async def caller(request: Request) -> Caller:
    """Who calls; the middleware has let nobody else through."""
    return cast("Caller", request.state.caller)


CallerDep = Annotated[Caller, Depends(caller)]


async def reader(services: ServicesDep, caller: CallerDep) -> SecretReader:
    """Reads as the caller."""
    return services.reader(caller)


async def writer(services: ServicesDep, caller: CallerDep) -> SecretWriter:
    """Writes as the caller."""
    return services.writer(caller)


async def validator(services: ServicesDep, caller: CallerDep) -> SecretValidator:
    """Judges as the caller."""
    return services.validator(caller)


async def copier(services: ServicesDep, caller: CallerDep) -> SecretCopier:
    """Copies and compares as the caller."""
    return services.copier(caller)


async def manifest_creator(services: ServicesDep, caller: CallerDep) -> ManifestCreator:
    """Makes several of documents as the caller."""
    return services.manifest_creator(caller)


async def batch_deletion(services: ServicesDep, caller: CallerDep) -> SecretBatchDeletion:
    """Deletes several as the caller."""
    return services.batch_deletion(caller)


async def versioner(services: ServicesDep, caller: CallerDep) -> SecretVersioner:
    """Makes new versions as the caller."""
    return services.versioner(caller)


async def restorer(services: ServicesDep, caller: CallerDep) -> SecretRestorer:
    """Puts earlier versions back as the caller."""
    return services.restorer(caller)


async def workspace_writer(services: ServicesDep, caller: CallerDep) -> WorkspaceWriter:
    """Writes workspaces in the caller's name."""
    return services.workspace_writer(caller)


async def project_writer(services: ServicesDep, caller: CallerDep) -> ProjectWriter:
    """Writes projects in the caller's name."""
    return services.project_writer(caller)


async def workspace_members(services: ServicesDep, caller: CallerDep) -> WorkspaceMembers:
    """Members of workspaces, changed in the caller's name."""
    return services.workspace_members(caller)


async def project_members(services: ServicesDep, caller: CallerDep) -> ProjectMembers:
    """Members of projects, changed in the caller's name."""
    return services.project_members(caller)


async def user_names(services: ServicesDep) -> UserNames:
    """Finds the user that a name means."""
    return services.user_names


async def accounts(services: ServicesDep) -> AccountAdministration:
    """Local accounts; where they are off, there are no paths for them.

    Raises:
        RouteNotFoundError: they are off.
    """
    if services.local is None:
        raise RouteNotFoundError
    return services.local.administration


async def tenancy(services: ServicesDep) -> Tenancy:
    """Workspaces and projects."""
    return services.tenancy


ReaderDep = Annotated[SecretReader, Depends(reader)]
WriterDep = Annotated[SecretWriter, Depends(writer)]
ValidatorDep = Annotated[SecretValidator, Depends(validator)]
CopierDep = Annotated[SecretCopier, Depends(copier)]
ManifestCreatorDep = Annotated[ManifestCreator, Depends(manifest_creator)]
BatchDeletionDep = Annotated[SecretBatchDeletion, Depends(batch_deletion)]
VersionerDep = Annotated[SecretVersioner, Depends(versioner)]
RestorerDep = Annotated[SecretRestorer, Depends(restorer)]
WorkspaceWriterDep = Annotated[WorkspaceWriter, Depends(workspace_writer)]
ProjectWriterDep = Annotated[ProjectWriter, Depends(project_writer)]
WorkspaceMembersDep = Annotated[WorkspaceMembers, Depends(workspace_members)]
ProjectMembersDep = Annotated[ProjectMembers, Depends(project_members)]
UserNamesDep = Annotated[UserNames, Depends(user_names)]
AccountsDep = Annotated[AccountAdministration, Depends(accounts)]
TenancyDep = Annotated[Tenancy, Depends(tenancy)]


async def workspace_name(workspace: _Workspace) -> str:
    """The workspace of the path; what no label can hold names none."""
    if not workspace or label_value_fault(workspace) is not None:
        raise WorkspaceNotFoundError
    return workspace


WorkspaceName = Annotated[str, Depends(workspace_name)]


async def project_path(workspace: _Workspace, project: _Project) -> ProjectRef:
    """The project of the path; one whose name no namespace can have is not there."""
    try:
        return ProjectRef(workspace, ProjectName(project))
    except InvalidFieldError:
        raise ProjectNotFoundError from None


ProjectPath = Annotated[ProjectRef, Depends(project_path)]


MemberId = Annotated[
    str, Path(alias="memberId", description="The id of a member, as lists have it.", examples=["dXNlcjphbm5h"])
]


async def secret_path(project: ProjectPath, name: _Name) -> SecretRef:
    """The Secret of the path; one whose name no Secret can have is not there."""
    try:
        return SecretRef(project, SecretName(name))
    except InvalidFieldError:
        raise SecretNotFoundError from None


async def new_secret_path(project: ProjectPath, name: _Name) -> SecretRef:
    """The Secret of the path, which may yet be made: its name has to be one.

    Raises:
        InvalidError: it is none.
    """
    try:
        return SecretRef(project, SecretName(name))
    except InvalidFieldError as error:
        raise InvalidError([Violation("path:name", error.fault)]) from None


SecretPath = Annotated[SecretRef, Depends(secret_path)]
NewSecretPath = Annotated[SecretRef, Depends(new_secret_path)]

_IfMatchHeader = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The ETag that the write is based on, or `*` for whatever is there. Left out: 428.",
        examples=['"MTIz"', "*"],
    ),
]


async def if_match(header: _IfMatchHeader = None) -> Precondition:
    """What a write expects; tags that are none of ours match nothing.

    Raises:
        PreconditionRequiredError: nothing was said.
    """
    if header is None:
        raise PreconditionRequiredError
    return precondition(header)


async def optional_if_match(header: _IfMatchHeader = None) -> Precondition | None:
    """What a write expects, None where nothing was said."""
    return None if header is None else precondition(header)


def precondition(header: str) -> Precondition:
    """The meaning of an If-Match header (RFC 9110 section 13.1.1)."""
    if header.strip() == ANY:
        return ANY
    versions = (Version.from_etag(tag) for tag in _ETAG.findall(header))
    return tuple(version for version in versions if version is not None)


async def if_none_match(
    header: Annotated[
        str | None, Header(alias="If-None-Match", description="`*`: only create.", json_schema_extra={"const": ANY})
    ] = None,
) -> bool:
    """Whether the Secret must not be there yet.

    Raises:
        InvalidError: anything but `*`.
    """
    if header is not None and header.strip() != ANY:
        raise InvalidError([Violation("header:If-None-Match", Fault.INVALID_VALUE)])
    return header is not None


def joined_by_commas(choices: str) -> str:
    """The pattern of a list in one parameter, for the document."""
    return f"^({choices})(,({choices}))*$"


async def override(
    names: Annotated[
        str | None,
        Query(
            alias="override",
            description="Guards to set aside: `inUse`, `managed`, `readOnly`, joined by commas.",
            json_schema_extra={"pattern": joined_by_commas("|".join(Override))},
        ),
    ] = None,
) -> Overrides:
    """The guards to set aside.

    Raises:
        InvalidError: one that does not exist.
    """
    try:
        return frozenset(Override(name.strip()) for name in names.split(",")) if names is not None else frozenset()
    except ValueError:
        raise InvalidError([Violation("?override", Fault.INVALID_VALUE)]) from None


IfMatch = Annotated[Precondition, Depends(if_match)]
OptionalIfMatch = Annotated[Precondition | None, Depends(optional_if_match)]
OnlyCreate = Annotated[bool, Depends(if_none_match)]
OverrideDep = Annotated[Overrides, Depends(override)]
DryRun = Annotated[bool, Query(alias="dryRun", description="Check everything, write nothing.")]


async def terms(expected: IfMatch, guards: OverrideDep, *, dry_run: DryRun = False) -> Terms:
    """How to write over a Secret that is there."""
    return Terms(expected, guards, dry_run)


async def upsert_terms(
    expected: OptionalIfMatch, guards: OverrideDep, *, only_create: OnlyCreate, dry_run: DryRun = False
) -> UpsertTerms:
    """How to write a Secret that may be there."""
    return UpsertTerms(expected, only_create, guards, dry_run)


TermsDep = Annotated[Terms, Depends(terms)]


async def edit_terms(
    terms: TermsDep,
    *,
    merge: Annotated[
        bool,
        Query(description="Merge the edit, key by key, with what others changed since the version in If-Match."),
    ] = False,
) -> Terms:
    """How to edit a Secret that is there."""
    return replace(terms, merge=merge)


EditTermsDep = Annotated[Terms, Depends(edit_terms)]
UpsertTermsDep = Annotated[UpsertTerms, Depends(upsert_terms)]


async def restore_terms(terms: UpsertTermsDep) -> UpsertTerms:
    """How to put a Secret where one may be.

    Raises:
        PreconditionRequiredError: it was not said whether one is expected to be there.
    """
    if terms.expected is None and not terms.only_create:
        raise PreconditionRequiredError
    return terms


RestoreTermsDep = Annotated[UpsertTerms, Depends(restore_terms)]
PageNumber = Annotated[int, Query(ge=1, le=1_000_000, alias="page", description="The page, from 1.")]
