"""What the service's account can do beyond what is shipped, by whatever name a binding reaches it."""

from collections import defaultdict
from collections.abc import Iterator

from app.doctor.finding import CheckId, Finding, Severity, some_of
from app.doctor.installation import Installation, Unread, secret_questions
from app.doctor.profile import intended
from app.doctor.rbac import Binding, RoleRef
from app.doctor.shipped import shipped_bindings


def check_account_bindings(found: Installation) -> Iterator[Finding]:
    """All bindings that reach the account, but the shipped ones and those that every cluster has."""
    subject = str(found.account.subject)
    if isinstance(found.bindings, Unread):
        message = f"What else gives it rights: you may not {found.bindings.needs}."
        yield Finding(CheckId.ACCOUNT_BINDINGS, Severity.UNKNOWN, subject, message)
        return
    shipped = {str(binding) for binding in shipped_bindings(intended(found), found.account)}
    others: dict[RoleRef, list[Binding]] = defaultdict(list)
    for binding in found.bindings:
        reaches = found.account.subjects & set(binding.subjects)
        if reaches and str(binding) not in shipped and not _is_in_every_cluster(binding):
            others[binding.role].append(binding)
    for role, bindings in others.items():
        message = (
            f"It also has {role}, by {some_of(map(str, bindings))}. It needs no more than is shipped: take it away."
        )
        yield Finding(CheckId.ACCOUNT_BINDINGS, Severity.WARNING, subject, message)
    if not others:
        yield Finding(CheckId.ACCOUNT_BINDINGS, Severity.OK, subject, "No bindings but the shipped ones name it.")


def _is_in_every_cluster(binding: Binding) -> bool:
    return binding.is_of_kubernetes and binding.role.name.startswith("system:")


def check_account_secrets(found: Installation) -> Iterator[Finding]:
    """Whether the account can read Secrets as itself, whatever the authorizer."""
    subject = str(found.account.subject)
    if isinstance(found.allowed, Unread):
        message = f"Whether it can read Secrets as itself: you may not {found.allowed.needs}."
        yield Finding(CheckId.ACCOUNT_SECRETS, Severity.UNKNOWN, subject, message)
        return
    allowed = [question for question in secret_questions(found.account) if found.allowed[question]]
    if allowed:
        verbs = some_of(question.verb for question in allowed)
        where = "in every namespace" if not allowed[0].namespace else f"in {allowed[0].namespace}"
        message = f"It may {verbs} Secrets {where} as itself, not only as its callers: find the binding, and delete it."
        yield Finding(CheckId.ACCOUNT_SECRETS, Severity.ERROR, subject, message)
    else:
        yield Finding(CheckId.ACCOUNT_SECRETS, Severity.OK, subject, "It reads no Secret as itself.")
