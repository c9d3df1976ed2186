import json

import pytest
from typer.testing import CliRunner

from app.cli.doctor import as_document
from app.cli.program import program
from app.doctor.finding import CheckId, Finding, InForce, Report, Severity


def test_the_document_has_the_profile_the_version_and_each_finding() -> None:
    finding = Finding(CheckId.PROFILE, Severity.ERROR, "User \x1b", "Do this.")

    text = as_document(Report(InForce.BOTH, "v1.37.2", (finding,)))

    assert json.loads(text) == {
        "profile": "both",
        "kubernetes": "v1.37.2",
        "findings": [{"check": "profile", "severity": "error", "subject": "User \x1b", "message": "Do this."}],
    }
    assert "\x1b" not in text


@pytest.mark.parametrize("option", ["--namespace", "--service-account"])
@pytest.mark.parametrize("name", ["", "..", "a/b", "A"])
def test_a_name_that_no_object_can_have_is_a_mistake_in_the_usage(option: str, name: str) -> None:
    result = CliRunner().invoke(program, ["doctor", option, name])

    assert result.exit_code == 2
    assert "Kubernetes has no object of such a name" in result.output
