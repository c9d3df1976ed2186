"""Local accounts as they are sent and answered; a password is sent alone, and nothing of it is ever answered."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, SecretStr

from app.domain.absent import ABSENT
from app.domain.account import Account, AccountEdit, NewAccount, PasswordChange, PlatformRole
from app.domain.listing import Page
from app.schemas.base import InputModel, WireModel

_Name = Annotated[
    str, Field(description="DNS label of at most 63 characters; never given out again.", examples=["project-regular"])
]
_Email = Annotated[
    str, Field(description="For people to know whose it is; no mail is sent.", examples=["a@example.org"])
]
_NewPassword = Annotated[
    SecretStr,
    Field(description="8 characters to 1,024 bytes, not among the usual ones, not the name. All characters count."),
]
_PlatformRoles = Annotated[
    list[Annotated[PlatformRole, Field(strict=False)]],
    Field(description="What the account may do besides its roles in workspaces and projects."),
]


class AccountCreate(InputModel):
    """A new account."""

    name: _Name
    password: _NewPassword
    email: _Email | None = None
    platform_roles: Annotated[_PlatformRoles, Field(default_factory=list)]
    must_change_password: Annotated[
        bool, Field(description="Whether the token opens nothing until the owner has set a password of their own.")
    ] = False

    def to_domain(self) -> NewAccount:
        """The account to be made."""
        return NewAccount(
            self.name,
            self.password.get_secret_value(),
            self.email or "",
            frozenset(self.platform_roles),
            self.must_change_password,
        )


class AccountPatch(InputModel):
    """Changes to an account: what is left out stays."""

    # Factories, since the document would tell a plain default, and what is left out is not set to it.
    disabled: Annotated[bool, Field(default_factory=bool, description="Nobody signs in; tokens end within 10 seconds.")]
    email: Annotated[_Email | None, Field(description="Null removes it.")] = None
    platform_roles: Annotated[_PlatformRoles, Field(default_factory=list, description="All that it is to have.")]

    def to_domain(self) -> AccountEdit:
        """The change."""
        given = self.model_fields_set
        return AccountEdit(
            disabled=self.disabled if "disabled" in given else ABSENT,
            email=self.email if "email" in given else ABSENT,
            platform_roles=frozenset(self.platform_roles) if "platform_roles" in given else ABSENT,
        )


class PasswordUpdate(InputModel):
    """A new password."""

    current_password: Annotated[
        SecretStr | None, Field(description="Needed for one's own account; not looked at for another's.")
    ] = None
    new_password: _NewPassword

    def to_domain(self) -> PasswordChange:
        """The change."""
        current = self.current_password
        return PasswordChange(
            self.new_password.get_secret_value(), None if current is None else current.get_secret_value()
        )


class AccountView(WireModel):
    """A local account."""

    name: Annotated[str, Field(examples=["project-regular"])]
    username: Annotated[str, Field(description="As Kubernetes knows it.", examples=["secretspace:project-regular"])]
    email: Annotated[str, Field(description="Empty where there is none.")]
    platform_roles: list[PlatformRole]
    disabled: bool
    must_change_password: bool
    created_at: datetime | None
    etag: Annotated[str, Field(description="Its version; signing in with a session changes it too.")]

    @classmethod
    def from_domain(cls, account: Account, prefix: str) -> "AccountView":
        """The view of an account that is stored."""
        return cls(
            name=account.name,
            username=prefix + account.name,
            email=account.email,
            platform_roles=sorted(account.platform_roles),
            disabled=account.disabled,
            must_change_password=account.must_change_password,
            created_at=account.created_at,
            etag="" if account.version is None else account.version.etag,
        )


class AccountList(WireModel):
    """A page of accounts, by name."""

    items: list[AccountView]
    total: Annotated[int, Field(description="How many there are, on all pages.")]
    page: int
    limit: int

    @classmethod
    def from_domain(cls, page: Page[Account], prefix: str) -> "AccountList":
        """The view of a page."""
        items = [AccountView.from_domain(account, prefix) for account in page.items]
        return cls(items=items, total=page.total, page=page.page, limit=page.limit)
