"""A file as the content of a new Secret."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.domain.content import Content, DefaultContent, RegistryContent
from app.domain.docker_config import BrokenDockerConfigError, DockerConfig, Registry, RegistryEdit
from app.domain.dotenv import read_dotenv
from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation, pointer
from app.domain.new_secret import NewSecretDraft
from app.domain.pem import read_pem
from app.domain.secret import SecretRef


class ImportFormat(StrEnum):
    """What a file is; never guessed."""

    ENV = "env"
    JSON = "json"
    DOCKER_CONFIG = "docker-config"
    PEM = "pem"


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file holds, and where in it the parts stand.

    `places` has pointers into the body of a create, and what they are in the file; what is not in it, nor under what
    is, is the file as a whole.
    """

    content: Content
    places: Mapping[str, str] = field(default_factory=dict)

    def draft(self, secret: SecretRef) -> NewSecretDraft:
        """The Secret that the file becomes."""
        return NewSecretDraft(secret, self.content)

    def place_of(self, at: str) -> str:
        """Where in the file is what a create would have at a pointer."""
        around = at
        while around and around not in self.places:
            around = around.rpartition("/")[0]
        return self.places[around] + at[len(around) :] if around else ""


def imported_data(data: Mapping[str, bytes], *, at: str = "") -> Imported:
    """Keys and values that stand in a file, or a body, at a pointer."""
    return Imported(DefaultContent(data), {"/content/data": at})


def imported_env(file: bytes, *, max_keys: int) -> Imported:
    """A `.env` file; raises as `read_dotenv` does."""
    return imported_data(read_dotenv(file, max_keys=max_keys))


def imported_pem(file: bytes) -> Imported:
    """A PEM file; raises as `read_pem` does."""
    return Imported(read_pem(file))


def imported_docker_config(file: bytes) -> Imported:
    """A docker `config.json`, which is kept byte for byte: `credHelpers` and all that is not known here included.

    Raises:
        InvalidError: it cannot be read, or has entries without a credential that Kubernetes could use.
    """
    try:
        registries = DockerConfig.parse(file).registries
    except BrokenDockerConfigError:
        raise InvalidError([Violation("", Fault.DOCKER_CONFIG_INVALID)]) from None
    places = {f"/content/registries/{index}": _place(each) for index, each in enumerate(registries)}
    without = [each for each in registries if not each.username and not each.password]
    if without:
        raise InvalidError([Violation(_place(each), Fault.REGISTRY_CREDENTIAL_MISSING) for each in without])
    edits = tuple(RegistryEdit(each.server, each.username, each.password, each.email) for each in registries)
    return Imported(RegistryContent(edits, file=file), {"/content/registries": "/auths", **places})


def _place(registry: Registry) -> str:
    return pointer("auths", registry.server)
