from dataclasses import replace

import pytest

from app.doctor.examination import examine
from app.doctor.finding import CheckId, ExitCode, Finding, InForce, Report, Severity, some_of
from app.doctor.installation import Installation, ServiceAccount, Unread
from app.manifests import Profile
from tests.unit.doctor.installed import installed

NEEDS = Unread("do that")


def test_every_check_says_something_of_a_healthy_installation_and_all_is_ok() -> None:
    report = examine(installed())

    assert {finding.check for finding in report.findings} == set(CheckId)
    assert {finding.severity for finding in report.findings} == {Severity.OK}
    assert (report.profile, report.kubernetes) == (InForce.CONSTRAINED, "v1.37.2")


def test_the_classic_profile_is_fine_in_all_but_what_it_is() -> None:
    report = examine(installed(Profile.CLASSIC, kubernetes="v1.35.0"))

    troubles = {finding.check for finding in report.findings if finding.severity is not Severity.OK}
    assert report.profile is InForce.CLASSIC
    assert troubles == {CheckId.KUBERNETES, CheckId.PROFILE}


def test_of_what_may_not_be_looked_at_nothing_is_ok() -> None:
    objects = dict.fromkeys(installed().objects, NEEDS)
    found = Installation(ServiceAccount(), NEEDS, objects, NEEDS, NEEDS, NEEDS, NEEDS, NEEDS, NEEDS)

    report = examine(found)

    assert {finding.check for finding in report.findings} == set(CheckId)
    assert {finding.severity for finding in report.findings} == {Severity.UNKNOWN}
    assert all("may not do that" in finding.message for finding in report.findings)


@pytest.mark.parametrize(
    ("part", "unknown"),
    [
        ("kubernetes", {CheckId.KUBERNETES}),
        ("allowed", {CheckId.PROFILE, CheckId.ACCOUNT_SECRETS}),
        ("cluster_roles", {CheckId.PROJECT_ROLES, CheckId.PLATFORM_ADMINS}),
        ("roles", {CheckId.PLATFORM_ADMINS}),
        ("bindings", {CheckId.ACCOUNT_BINDINGS, CheckId.PLATFORM_ADMINS, CheckId.RESERVED_USERS}),
        ("namespaces", {CheckId.RESERVED_USERS, CheckId.PROJECTS}),
        ("workspaces", {CheckId.PROJECTS, CheckId.WORKSPACES}),
    ],
)
def test_a_part_that_may_not_be_read_leaves_those_checks_unknown_which_need_it(
    part: str, unknown: set[CheckId]
) -> None:
    report = examine(replace(installed(), **{part: NEEDS}))  # type: ignore[arg-type]

    assert {finding.check for finding in report.findings if finding.severity is Severity.UNKNOWN} == unknown
    assert {finding.severity for finding in report.findings} == {Severity.UNKNOWN, Severity.OK}


def test_the_worst_stands_first() -> None:
    found = replace(installed(), objects={}, workspaces=NEEDS)

    severities = [finding.severity for finding in examine(found).findings]

    assert severities == sorted(severities, key=list(Severity).index)
    assert severities[0] is Severity.ERROR


@pytest.mark.parametrize(
    ("severities", "lenient", "strict"),
    [
        ("ok", ExitCode.FINE, ExitCode.FINE),
        ("warning ok", ExitCode.FINE, ExitCode.WARNING),
        ("unknown warning ok", ExitCode.UNKNOWN, ExitCode.UNKNOWN),
        ("error unknown warning", ExitCode.ERROR, ExitCode.ERROR),
    ],
)
def test_the_exit_code_is_that_of_the_worst(severities: str, lenient: ExitCode, strict: ExitCode) -> None:
    findings = tuple(Finding(CheckId.PROJECTS, Severity(word), "", "") for word in severities.split())
    report = Report(InForce.CONSTRAINED, "v1.37.2", findings)

    assert (report.exit_code(strict=False), report.exit_code(strict=True)) == (lenient, strict)


def test_a_long_list_is_cut_and_says_so() -> None:
    assert some_of(["b", "a", "b"]) == "a, b"
    assert some_of(str(number) for number in range(8)) == "0, 1, 2, 3, 4, 5 and 2 more"
