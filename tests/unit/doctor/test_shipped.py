"""The manifests under other names: as an operator has to write them who puts the service elsewhere."""

import json

from app.doctor.installation import ServiceAccount
from app.doctor.shipped import shipped_objects
from app.manifests import Profile, manifest_objects


def _elsewhere() -> str:
    """All of them as text; quotation marks inside of an expression are single ones here."""
    objects = list(shipped_objects(Profile.CONSTRAINED, ServiceAccount("elsewhere", "other")))
    return json.dumps(objects).replace('\\"', "'")


def test_under_the_shipped_names_they_are_as_they_stand_in_deploy() -> None:
    assert list(shipped_objects(Profile.CLASSIC, ServiceAccount())) == list(manifest_objects(Profile.CLASSIC))


def test_elsewhere_they_name_neither_the_shipped_namespace_nor_the_shipped_account() -> None:
    text = _elsewhere()

    assert '"secretspace-system"' not in text
    assert "'secretspace-system'" not in text
    assert "system:serviceaccount:secretspace-system" not in text
    assert '{"kind": "ServiceAccount", "name": "other", "namespace": "elsewhere"}' in text


def test_elsewhere_the_policies_hold_the_account_that_is_there() -> None:
    text = _elsewhere()

    assert "request.userInfo.username == 'system:serviceaccount:elsewhere:other'" in text
    assert "'elsewhere'" in text  # among the namespaces that are never projects


def test_elsewhere_the_service_s_own_users_keep_their_names_which_the_code_has() -> None:
    text = _elsewhere()

    assert "secretspace-system:accounts" in text
    assert "secretspace-system:metadata" in text
    assert "elsewhere:metadata" not in text
