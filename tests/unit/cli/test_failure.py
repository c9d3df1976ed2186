import pytest
from pydantic import ValidationError

from app.cli.failure import EXPECTED, CommandError, sentence
from app.domain.errors import (
    AppError,
    InvalidError,
    OwnAccessError,
    UpstreamAnswerError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from app.domain.fault import Fault, Violation
from app.settings import Settings
from devcluster import DevclusterError, resolve_version


def _wrong_settings(monkeypatch: pytest.MonkeyPatch, **variables: str) -> ValidationError:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as caught:
        Settings()
    return caught.value


def test_a_wrong_setting_is_named_as_the_person_wrote_it_and_its_value_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failure = _wrong_settings(monkeypatch, SECRETSPACE_SERVER__PORT="canary")

    said = sentence(failure)

    assert "SECRETSPACE_SERVER__PORT: " in said
    assert "canary" not in said


def test_a_setting_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    failure = _wrong_settings(monkeypatch, SECRETSPACE_SERVER__PROT="8000")

    assert "SECRETSPACE_SERVER__PROT: " in sentence(failure)


def test_a_setting_that_breaks_a_rule_of_ours_is_told_in_our_words_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    said = sentence(_wrong_settings(monkeypatch, SECRETSPACE_IDENTITY__LOCAL__PREFIX="canary"))

    assert "Value error" not in said
    assert said.endswith(".")
    assert not said.endswith("..")


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (UpstreamUnavailableError(), "cannot be reached"),
        (UpstreamTimeoutError(), "did not answer in time"),
        (OwnAccessError(), "secretspace manifests"),
        (UpstreamAnswerError(418), "UPSTREAM_ANSWER"),
        (InvalidError([Violation("/name", Fault.LABEL_NAME_INVALID)]), "lower-case"),
        (CommandError("Do this instead."), "Do this instead."),
    ],
)
def test_what_can_be_foreseen_is_one_line(failure: Exception, words: str) -> None:
    said = sentence(failure)

    assert words in said
    assert "\n" not in said
    assert isinstance(failure, EXPECTED)


def test_two_faults_of_one_kind_are_told_once() -> None:
    fault = Fault.LABEL_NAME_INVALID

    assert sentence(InvalidError([Violation("/a", fault), Violation("/b", fault)])) == fault.message


def test_failures_of_the_development_cluster_word_themselves() -> None:
    with pytest.raises(DevclusterError) as caught:
        resolve_version("1.2")

    assert isinstance(caught.value, EXPECTED)
    assert sentence(caught.value) == str(caught.value)


def test_faults_of_the_program_are_not_foreseen() -> None:
    assert not issubclass(ZeroDivisionError, EXPECTED)
    assert issubclass(AppError, EXPECTED)
