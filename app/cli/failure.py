"""What can be foreseen to fail, in one sentence for the person at the terminal; no values, no stack."""

from typing import Final

from pydantic import ValidationError
from pydantic_settings import SettingsError

from app.dev.failure import DevError
from app.domain.errors import (
    AlreadyExistsError,
    AppError,
    InvalidError,
    OwnAccessError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from app.k8s.credentials import NoClusterError
from devcluster import DevclusterError


class CommandError(Exception):
    """A command cannot do what it was asked to; the text says why, and what helps."""


EXPECTED: Final[tuple[type[Exception], ...]] = (
    AppError,
    CommandError,
    DevError,
    DevclusterError,
    NoClusterError,
    SettingsError,
    ValidationError,
)
"""All other exceptions are faults of the program, and keep their stack."""


def sentence(failure: Exception) -> str:
    """Why it failed."""
    match failure:
        case ValidationError():
            return f"The settings are not right: {'; '.join(_settings_faults(failure))}."
        case AppError():
            return _of_the_cluster(failure)
        case _:
            return str(failure)


def _of_the_cluster(failure: AppError) -> str:
    match failure:
        case UpstreamUnavailableError():
            return "The Kubernetes API server cannot be reached, or does not accept the credential."
        case UpstreamTimeoutError():
            return "The Kubernetes API server did not answer in time."
        case OwnAccessError():
            return "The credential lacks rights in the cluster: apply what `secretspace manifests` prints."
        case AlreadyExistsError():
            return "Something of this name is already there."
        case InvalidError(violations=violations):
            return " ".join(dict.fromkeys(violation.fault.message for violation in violations))
        case _:
            return f"The Kubernetes API server refused ({failure.code})."


def _settings_faults(failure: ValidationError) -> list[str]:
    """Each fault by the name of its environment variable; `msg` never quotes what was set, `input` would."""
    return [
        f"SECRETSPACE_{'__'.join(str(part) for part in fault['loc']).upper()}: {_bare(fault['msg'])}"
        for fault in failure.errors(include_input=False, include_url=False, include_context=False)
    ]


def _bare(message: str) -> str:
    """Without what Pydantic puts before the words of our own checks, and the full stop, which the sentence has."""
    return message.removeprefix("Value error, ").removesuffix(".")
