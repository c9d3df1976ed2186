"""Files that become Secrets."""

from typing import Annotated, Final, assert_never

from pydantic import ConfigDict, Field, RootModel

from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation
from app.domain.imported import (
    Imported,
    ImportFormat,
    imported_data,
    imported_docker_config,
    imported_env,
    imported_pem,
)
from app.schemas.base import InputModel
from app.schemas.body import read_body
from app.schemas.content_input import DataInput, KeyName
from app.schemas.metadata import NewName
from app.schemas.value import ValueInput, to_bytes

FILES_AT: Final = "/files"
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
"""How a zip archive begins: with a file in it, and empty (APPNOTE.TXT 4.3.7, 4.3.16)."""


class SecretFiles(InputModel):
    """A new Secret of many files, each under a key."""

    name: NewName
    files: Annotated[
        dict[KeyName, ValueInput],
        Field(
            description="What the files hold, by the keys that they become.",
            examples=[{"app.ini": "[app]\n", "keystore.jks": {"base64": "3q2+7w=="}}],
            repr=False,
        ),
    ]

    def to_domain(self) -> Imported:
        """What the Secret shall hold."""
        return imported_data({key: to_bytes(value) for key, value in self.files.items()}, at=FILES_AT)


class JsonFile(RootModel[DataInput]):
    """Keys and their values, as a JSON file has them: text as a string, bytes that are no text as `base64`."""

    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    def to_domain(self) -> Imported:
        """What the Secret shall hold."""
        return imported_data({key: to_bytes(value) for key, value in self.root.items()})


def read_file(file: bytes, form: ImportFormat, *, max_keys: int) -> Imported:
    """What a file of a format holds.

    Raises:
        InvalidError: it is not of that format, or cannot become a Secret; all that is wrong with it, each fault where
            it stands in the file.
    """
    if file.startswith(_ZIP):
        raise InvalidError([Violation("", Fault.ARCHIVE_NOT_ACCEPTED)])
    match form:
        case ImportFormat.ENV:
            return imported_env(file, max_keys=max_keys)
        case ImportFormat.JSON:
            return read_body(JsonFile, file).to_domain()
        case ImportFormat.DOCKER_CONFIG:
            return imported_docker_config(file)
        case ImportFormat.PEM:
            return imported_pem(file)
        case _:
            assert_never(form)
