"""What routes make of paths, headers and parameters; that routes ask for them is tested over HTTP."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dependencies import (
    if_match,
    if_none_match,
    joined_by_commas,
    new_secret_path,
    optional_if_match,
    override,
    precondition,
    project_path,
    restore_terms,
    secret_path,
    workspace_name,
)
from app.domain.errors import (
    AppError,
    InvalidError,
    PreconditionRequiredError,
    ProjectNotFoundError,
    SecretNotFoundError,
    WorkspaceNotFoundError,
)
from app.domain.override import Override
from app.domain.terms import UpsertTerms
from app.domain.version import ANY, Precondition
from tests.unit.sample import PROJECT, REF, version

NO_NAMES = ["", ".", "..", "a/b", "A B", "a\n", "-a", "é", "\x00"]


async def faults(refused: Awaitable[Any]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidError) as caught:
        await refused
    return [(violation.pointer, violation.fault.code) for violation in caught.value.violations]


async def test_a_path_names_a_secret_of_a_project() -> None:
    project = await project_path("demo-workspace", "demo-project")

    assert project == PROJECT
    assert await secret_path(project, "demo") == await new_secret_path(project, "demo") == REF


@pytest.mark.parametrize("name", NO_NAMES)
async def test_what_cannot_be_a_name_is_not_there(name: str) -> None:
    with pytest.raises(ProjectNotFoundError):
        await project_path("demo-workspace", name)
    with pytest.raises(SecretNotFoundError):
        await secret_path(PROJECT, name)


@pytest.mark.parametrize("name", [*NO_NAMES, "a" * 64])
async def test_what_no_label_can_hold_names_no_workspace(name: str) -> None:
    with pytest.raises(WorkspaceNotFoundError):
        await workspace_name(name)


@pytest.mark.parametrize("name", ["demo-workspace", "A_b.C", "0"])
async def test_a_workspace_may_be_called_what_a_label_can_hold(name: str) -> None:
    assert await workspace_name(name) == name


@pytest.mark.parametrize("name", NO_NAMES)
async def test_a_secret_to_make_has_to_have_a_name(name: str) -> None:
    assert await faults(new_secret_path(PROJECT, name)) == [("path:name", "NAME_INVALID")]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("*", ANY),
        (" * ", ANY),
        (version(7).etag, (version(7),)),
        ("W/" + version(7).etag, (version(7),)),
        (f"{version(7).etag}, {version(8).etag}", (version(7), version(8))),
        (f'"other",{version(8).etag},"more"', (version(8),)),
        ('"other"', ()),
        ("", ()),
        (version(7).etag.strip('"'), ()),
        (f"*, {version(7).etag}", (version(7),)),
        ('"*"', ()),
    ],
    ids=range(11),
)
async def test_a_write_expects_what_the_header_names(header: str, expected: Precondition) -> None:
    assert precondition(header) == expected
    assert await if_match(header) == await optional_if_match(header) == expected


@given(st.text(max_size=60))
def test_only_a_star_is_a_star(header: str) -> None:
    assert (precondition(header) == ANY) == (header.strip() == "*")


async def test_a_write_without_the_header_is_refused_where_one_is_needed() -> None:
    with pytest.raises(PreconditionRequiredError):
        await if_match(None)
    assert await optional_if_match(None) is None


async def test_only_a_star_says_that_nothing_must_be_there() -> None:
    assert await if_none_match(None) is False
    assert await if_none_match("*") is True
    assert await faults(if_none_match('"tag"')) == [("header:If-None-Match", "INVALID_VALUE")]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (None, set()),
        ("readOnly", {Override.READ_ONLY}),
        ("inUse,managed, readOnly", set(Override)),
        ("managed,managed", {Override.MANAGED}),
    ],
)
async def test_guards_are_set_aside_by_name(names: str | None, expected: set[Override]) -> None:
    assert await override(names) == expected


@pytest.mark.parametrize("names", ["", "readonly", "readOnly,", "all", "*"])
async def test_a_guard_that_does_not_exist_is_told(names: str) -> None:
    assert await faults(override(names)) == [("?override", "INVALID_VALUE")]


def test_a_list_in_one_parameter_has_a_pattern() -> None:
    assert joined_by_commas("a|b") == "^(a|b)(,(a|b))*$"


refusals: list[Callable[[], Awaitable[Any]]] = [
    lambda: project_path("w", "canary name"),
    lambda: secret_path(PROJECT, "canary name"),
    lambda: new_secret_path(PROJECT, "canary name"),
    lambda: workspace_name("canary name"),
    lambda: if_none_match("canary"),
    lambda: override("canary"),
]


@pytest.mark.parametrize("refused", refusals, ids=range(6))
async def test_no_refusal_repeats_what_was_sent(refused: Callable[[], Awaitable[Any]]) -> None:
    with pytest.raises(AppError) as caught:
        await refused()

    assert "canary" not in f"{caught.value!r} {vars(caught.value)}"


@pytest.mark.parametrize("terms", [UpsertTerms(ANY), UpsertTerms(()), UpsertTerms(only_create=True)])
async def test_a_restore_is_told_what_to_expect(terms: UpsertTerms) -> None:
    assert await restore_terms(terms) == terms


async def test_a_restore_that_expects_nothing_in_particular_is_refused() -> None:
    with pytest.raises(PreconditionRequiredError):
        await restore_terms(UpsertTerms())
