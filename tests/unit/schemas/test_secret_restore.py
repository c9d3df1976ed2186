import pytest
from pydantic import ValidationError

from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation
from app.schemas.secret_restore import SecretRestore
from tests.unit.sample import version


def test_a_version_is_named_by_its_etag() -> None:
    assert SecretRestore(etag=version(7).etag).to_domain() == version(7)


@pytest.mark.parametrize("etag", ["", "*", '"MTIz"', version(7).etag.strip('"')])
def test_what_is_no_etag_of_ours_names_none(etag: str) -> None:
    with pytest.raises(InvalidError) as caught:
        SecretRestore(etag=etag).to_domain()

    assert caught.value.violations == (Violation("/etag", Fault.NOT_A_VERSION),)


def test_a_version_has_to_be_named() -> None:
    with pytest.raises(ValidationError):
        SecretRestore.model_validate({})
