"""The version of a Secret that is to be put back."""

from typing import Annotated

from pydantic import Field

from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation
from app.domain.version import Version
from app.schemas.base import InputModel


class SecretRestore(InputModel):
    """Which version is to be put back."""

    etag: Annotated[
        str, Field(description="Its ETag, such as the `previousEtag` of a write or a delete.", examples=['"MTIz"'])
    ]

    def to_domain(self) -> Version:
        """The version.

        Raises:
            InvalidError: it is none of ours.
        """
        version = Version.from_etag(self.etag)
        if version is None:
            raise InvalidError([Violation("/etag", Fault.NOT_A_VERSION)])
        return version
