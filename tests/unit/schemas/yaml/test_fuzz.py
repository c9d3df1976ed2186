"""Documents that nobody thought of: hypothesis makes them, and another reader says what they mean."""

import signal
import subprocess
import sys
from typing import Any, Final

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.domain.errors import InvalidError
from app.domain.manifest import Masked, SecretManifest
from app.schemas.yaml import read_secret
from tests.unit.schemas.yaml.document import HEAD

CHARACTERS: Final = st.characters(codec="utf-8", exclude_characters="\ufeff")
FRAGMENTS: Final = [
    *("[", "]", "{", "}", "- ", "? ", ": ", ", ", "a", "a: ", "\n", "\n  ", "\n\t", " ", "#", "'", '"', "\\", "|", ">"),
    *("|+2\n  ", "&a ", "*a", "!", "!!str ", "!<", "%TAG ! x\n", "---\n", "...\n", "<<: ", "0", "1:", "_", "é", "\r"),
    *('"\\u0041', "''", "@", "`", "~", "k: v\n", "k: {", "k: [", "!!binary ", "=", "AAAA", "\u2028", "\x85", "😀"),
]
SECONDS: Final = 2
EXAMPLES: Final = 150

_PLAIN: Final = st.text(st.sampled_from("abcyesno0159.:-+_~#&*!|>%@`'\"{}[],? <=\\"), max_size=12)
_TEXTS: Final = st.text(CHARACTERS, max_size=30) | _PLAIN
_STYLES: Final = st.sampled_from([None, '"', "'", "|", ">"])
_DOCUMENTS: Final = st.fixed_dictionaries(
    {
        "apiVersion": st.just("v1"),
        "kind": st.just("Secret"),
        "metadata": st.fixed_dictionaries(
            {"name": st.just("demo")},
            optional={
                "labels": st.dictionaries(_TEXTS, _TEXTS, max_size=3),
                "annotations": st.dictionaries(_TEXTS, _TEXTS, max_size=3),
            },
        ),
    },
    optional={"stringData": st.dictionaries(_TEXTS, _TEXTS, max_size=4), "status": st.lists(_TEXTS, max_size=3)},
)
_NOISE: Final = st.lists(
    st.tuples(st.integers(0, 400), st.sampled_from([fragment for fragment in FRAGMENTS if fragment.isprintable()])),
    max_size=2,
)


def read(source: str) -> SecretManifest:
    """What is read of a document that is not refused."""
    try:
        return read_secret(source.encode())
    except InvalidError:
        assume(False)
        raise


def said(manifest: SecretManifest) -> dict[str, Any]:
    """What a manifest says that texts can say."""
    return {"labels": manifest.labels, "annotations": manifest.annotations, "stringData": texts(manifest)}


def texts(manifest: SecretManifest) -> dict[str, str]:
    return {key: value.decode() for key, value in manifest.data.items() if not isinstance(value, Masked)}


def meant(document: dict[str, Any]) -> dict[str, Any]:
    """The same of what another reader has read."""
    metadata = document["metadata"]
    parts = {"labels": metadata.get("labels"), "annotations": metadata.get("annotations")}
    return {name: part or {} for name, part in {**parts, "stringData": document.get("stringData")}.items()}


@settings(max_examples=400)
@given(document=_DOCUMENTS, style=_STYLES, flow=st.sampled_from([None, True, False]), width=st.integers(4, 90))
def test_a_document_in_any_style_means_what_its_writer_meant(
    document: dict[str, Any], style: str | None, flow: bool | None, width: int
) -> None:
    """In quotes nothing is in doubt; whatever is refused in other styles is refused, and not misread."""
    text = yaml.dump(document, default_style=style, default_flow_style=flow, width=width, allow_unicode=True)
    assert said(read(text)) == meant(document)


@settings(max_examples=300)
@given(document=_DOCUMENTS)
def test_a_document_in_quotes_is_always_read(document: dict[str, Any]) -> None:
    text = yaml.safe_dump(document, default_style='"')
    assert said(read_secret(text.encode())) == meant(document)


@settings(max_examples=400)
@given(document=_DOCUMENTS, style=_STYLES, noise=_NOISE)
def test_what_is_read_of_a_damaged_document_is_what_another_reader_reads(
    document: dict[str, Any], style: str | None, noise: list[tuple[int, str]]
) -> None:
    text = yaml.dump(document, default_style=style, allow_unicode=True)
    for at, fragment in noise:
        text = text[:at] + fragment + text[at:]
    assert said(read(text)) == meant(yaml.safe_load(text))


@pytest.mark.timeout(120)
def test_what_repeats_itself_neither_kills_nor_holds_the_process() -> None:
    """A process reads them, which the system ends if one takes too long: inside of libyaml no exception is heard."""
    ended = subprocess.run([sys.executable, "-m", __name__], capture_output=True, text=True, timeout=110, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


@settings(max_examples=EXAMPLES, derandomize=True, database=None, deadline=None)
@given(
    parts=st.lists(st.tuples(st.sampled_from([*FRAGMENTS, HEAD]), st.sampled_from([1, 2, 50_000])), max_size=3),
    cycle=st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=4),
    size=st.sampled_from([1_000, 100_000, 1_000_000]),
)
def _read_under_alarm(parts: list[tuple[str, int]], cycle: list[str], size: int) -> None:
    """Read what begins with some parts and goes on in a cycle; SIGALRM ends the process, whatever it is doing."""
    again = "".join(cycle)
    text = "".join(part * times for part, times in parts) + again * (size // len(again))
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        read_secret(text.encode())
    except InvalidError:
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


if __name__ == "__main__":
    _read_under_alarm()
