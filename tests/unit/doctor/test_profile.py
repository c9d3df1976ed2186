import pytest

from app.doctor.finding import InForce
from app.doctor.installation import ACTS_CLASSIC, ACTS_CONSTRAINED, Installation, ServiceAccount, Unread
from app.doctor.profile import check_kubernetes, check_profile, in_force, intended
from app.manifests import Profile

OLD, NEW = "v1.35.4+k3s1", "v1.36.0-gke.1"


def _found(version: str | Unread, constrained: bool, classic: bool) -> Installation:
    return Installation(ServiceAccount(), version, allowed={ACTS_CONSTRAINED: constrained, ACTS_CLASSIC: classic})


@pytest.mark.parametrize(
    ("version", "constrained", "classic", "profile", "severity", "measure"),
    [
        (NEW, True, False, InForce.CONSTRAINED, "ok", Profile.CONSTRAINED),
        (NEW, False, True, InForce.CLASSIC, "warning", Profile.CLASSIC),
        (NEW, True, True, InForce.BOTH, "error", Profile.CONSTRAINED),
        (NEW, False, False, InForce.NONE, "error", Profile.CONSTRAINED),
        (OLD, False, True, InForce.CLASSIC, "warning", Profile.CLASSIC),
        (OLD, True, True, InForce.CLASSIC, "warning", Profile.CLASSIC),
        (OLD, True, False, InForce.NONE, "error", Profile.CLASSIC),
        (OLD, False, False, InForce.NONE, "error", Profile.CLASSIC),
        (Unread("get /version"), True, False, InForce.CONSTRAINED, "ok", Profile.CONSTRAINED),
    ],
)
def test_the_profile_in_force_is_what_the_cluster_allows_and_its_version_knows(
    version: str, constrained: bool, classic: bool, profile: InForce, severity: str, measure: Profile
) -> None:
    found = _found(version, constrained, classic)

    (said,) = check_profile(found)

    assert (in_force(found), said.severity, intended(found)) == (profile, severity, measure)


def test_only_where_kubernetes_can_do_better_the_remedy_for_classic_is_the_other_profile() -> None:
    (new,), (old,) = check_profile(_found(NEW, False, True)), check_profile(_found(OLD, False, True))

    assert "--profile constrained" in new.message
    assert "--profile" not in old.message
    assert "cluster admin" in old.message


def test_who_may_not_ask_is_told_that_the_profile_is_unknown() -> None:
    found = Installation(ServiceAccount(), NEW, allowed=Unread("create subjectaccessreviews"))

    (said,) = check_profile(found)

    assert (in_force(found), said.severity) == (InForce.UNKNOWN, "unknown")
    assert "you may not create subjectaccessreviews" in said.message


@pytest.mark.parametrize(("version", "severity"), [(NEW, "ok"), (OLD, "warning"), (Unread("get /version"), "unknown")])
def test_a_version_that_knows_classic_impersonation_alone_is_a_warning(version: str | Unread, severity: str) -> None:
    (said,) = check_kubernetes(_found(version, True, False))

    assert said.severity == severity
