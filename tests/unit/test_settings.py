"""Settings refuse what would be unsafe, and what is not known."""

import pytest
from pydantic import ValidationError

from app.settings import Limits, Local, Settings


@pytest.mark.parametrize("prefix", ["", "people", ":", "system:", "secretspace-system:"])
def test_a_prefix_that_could_lend_somebody_elses_name_is_refused(prefix: str) -> None:
    with pytest.raises(ValidationError):
        Local(prefix=prefix)


def test_a_prefix_of_its_own_is_fine() -> None:
    assert Local(prefix="people:").prefix == "people:"


def test_a_misspelt_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRETSPACE_LIMITS__BODY_BITES", "1")
    with pytest.raises(ValidationError):
        Settings()


def test_a_refusal_does_not_repeat_what_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRETSPACE_SERVER__PORT", "canary-port")
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert "canary-port" not in str(refused.value)


def test_settings_cannot_be_changed_once_made() -> None:
    with pytest.raises(ValidationError):
        Limits().page = 7


def test_nobody_gets_in_unless_a_way_in_is_switched_on() -> None:
    identity = Settings().identity
    assert (identity.local.enabled, identity.kubernetes.enabled) == (False, False)
