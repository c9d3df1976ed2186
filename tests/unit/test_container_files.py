"""The Dockerfile and the Compose file, as far as they can be judged without a Docker engine."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from app.manifests import Profile, manifest_files

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SETUP = (ROOT / "deploy/compose/setup.sh").read_text(encoding="utf-8")
OURS = [name for name, service in COMPOSE["services"].items() if service.get("build")]


def _last_stage() -> str:
    return DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]


def test_the_compose_file_fits_the_compose_specification() -> None:
    schema = json.loads((ROOT / "tests/data/compose-spec.json").read_text(encoding="utf-8"))

    jsonschema.Draft202012Validator(schema).validate(COMPOSE)


def test_the_schema_would_notice_a_field_that_compose_does_not_know() -> None:
    schema = json.loads((ROOT / "tests/data/compose-spec.json").read_text(encoding="utf-8"))
    broken = COMPOSE | {"services": {"secretspace": {"imagee": "secretspace"}}}

    with pytest.raises(jsonschema.ValidationError, match="imagee"):
        jsonschema.Draft202012Validator(schema).validate(broken)


@pytest.mark.parametrize("name", OURS)
def test_our_containers_write_nothing_and_gain_no_privilege(name: str) -> None:
    service = COMPOSE["services"][name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["volumes"] == ["credentials:/credentials:ro"]


def test_only_k3s_is_privileged_and_only_the_service_is_published_and_that_on_loopback() -> None:
    services = COMPOSE["services"]

    assert [name for name, service in services.items() if service.get("privileged")] == ["k3s"]
    assert {name: service["ports"] for name, service in services.items() if "ports" in service} == {
        "secretspace": ["127.0.0.1:8000:8000"]
    }


def test_each_container_waits_for_the_one_before_it() -> None:
    assert {name: service.get("depends_on") for name, service in COMPOSE["services"].items()} == {
        "k3s": None,
        "setup": {"k3s": {"condition": "service_healthy"}},
        "first-account": {"setup": {"condition": "service_completed_successfully"}},
        "secretspace": {"first-account": {"condition": "service_completed_successfully"}},
    }


def test_the_setup_applies_the_constrained_profile_in_order() -> None:
    (listed,) = re.findall(r"^for name in (.+); do$", SETUP, re.MULTILINE)

    assert listed.split() == [path.stem for path in manifest_files(Profile.CONSTRAINED)]


def test_every_image_is_of_a_pinned_version() -> None:
    images = [service["image"] for service in COMPOSE["services"].values()]
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)

    assert all(re.search(r":[^:]*\d|:dev$", image) for image in [*images, *bases])
    assert not [image for image in [*images, *bases] if image.endswith(":latest")]


def test_the_image_runs_as_a_user_without_a_name() -> None:
    stage = _last_stage()

    assert re.findall(r"^USER (.+)$", stage, re.MULTILINE) == ["65532:65532"]
    assert not re.search(r"^RUN", stage, re.MULTILINE)


def test_the_image_holds_what_the_lock_file_names_and_nothing_for_development() -> None:
    syncs = re.findall(r"^RUN (uv sync .+)$", DOCKERFILE, re.MULTILINE)

    assert syncs
    assert all("--frozen --no-dev" in sync for sync in syncs)
    assert "--no-editable" in syncs[-1]


def test_the_image_and_the_makefile_use_the_same_uv() -> None:
    (in_image,) = re.findall(r"uv==(\S+)", DOCKERFILE)
    (in_makefile,) = re.findall(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert in_image == in_makefile


def test_everything_the_image_copies_is_let_through_by_dockerignore() -> None:
    copied = [
        source
        for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
        for source in sources.split()
    ]
    let_through = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(copied) == sorted(let_through)
    assert all((ROOT / source).exists() for source in copied)
