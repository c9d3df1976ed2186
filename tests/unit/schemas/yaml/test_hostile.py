"""Documents that were made to do harm: to kill the process, to fill it, to hold it, or to make it tell a value."""

import subprocess
import sys
import time
import traceback

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import InvalidError
from app.domain.manifest import SecretManifest
from app.schemas.yaml import read_secret, write_secret
from tests.unit.schemas.yaml.document import HEAD, refusal_of, refusals
from tests.unit.schemas.yaml.test_writer import MANIFESTS

CANARY = "canary-7f3a"
LAUGHS = "a: &a [l, l]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefghijk", "bcdefghijkl", strict=True)
)

BOMBS = {
    "lists": "[" * 100_000,
    "mappings": "{" * 100_000,
    "block lists": "- " * 100_000,
    "keys of keys": "? " * 100_000,
    "aliases": LAUGHS,
    "itself": "a: &a {b: *a}",
    "documents": "---\n" * 100_000,
    "keys": HEAD + "stringData: {" + ",".join(f"k{n}: v" for n in range(150_000)) + "}",
    "key": "? " + "k" * 1_900_000,
    "sexagesimal": HEAD + "stringData: {k: 1" + ":30" * 100_000 + "}",
    "integer": HEAD + "stringData: {k: " + "9" * 1_900_000 + "}",
    "hexadecimal": HEAD + "stringData: {k: 0x" + "f" * 1_900_000 + "}",
    "float": HEAD + "stringData: {k: 1." + "0" * 1_900_000 + "e1}",
    "underscores": HEAD + "stringData: {k: 1" + "_" * 1_900_000 + "}",
    "timestamp": HEAD + "stringData: {k: 2026-11-24" + " " * 1_900_000 + "1:1:1}",
    "tag": "!" * 1_900_000,
    "anchor": "&" + "a" * 1_900_000 + " b",
    "line breaks": "a: " + "\n" * 1_900_000 + "b",
    "open quote": "a: '" + "x\n" * 900_000,
    "directives": "%TAG ! tag:x\n" * 100_000,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused_within_a_second(bomb: str) -> None:
    began = time.perf_counter()
    assert refusals(bomb)
    assert time.perf_counter() - began < 1


def test_two_megabytes_of_comment_are_read_within_a_second() -> None:
    began = time.perf_counter()
    assert read_secret(("# c\n" * 500_000 + HEAD).encode()).name == "demo"
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize("opening", ["[", "{", "- ", "? ", "[{a: "])
def test_deep_nesting_does_not_kill_the_process(opening: str) -> None:
    script = (
        "from app.domain.errors import InvalidError\n"
        "from app.schemas.yaml import read_secret\n"
        "try:\n"
        f"    read_secret({opening!r}.encode() * 100_000)\n"
        "except InvalidError as error:\n"
        "    print(error)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.strip() in {"YAML_TOO_DEEP", "YAML_MALFORMED"}


@settings(max_examples=500)
@given(st.text(st.sampled_from("abkv1: -?[]{},&*!|>'\"%@`#~=<\n\t\r\\0\x85\u2028\ufeffé😀"), max_size=200))
def test_random_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    assert _outcome(text.encode()) in {"read", "refused"}


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_random_bytes_are_read_or_refused_and_nothing_else(source: bytes) -> None:
    assert _outcome(source) in {"read", "refused"}


@settings(max_examples=500)
@given(MANIFESTS, st.data())
def test_a_mutated_manifest_is_read_or_refused_and_nothing_else(manifest: SecretManifest, data: st.DataObject) -> None:
    text = write_secret(manifest, masked=data.draw(st.booleans()))
    at = data.draw(st.integers(0, len(text)))
    gone = data.draw(st.integers(0, 5))
    added = data.draw(
        st.sampled_from(
            ["", "\n", "  ", ": ", "- ", "&a ", "*a", "!!int ", "<<: ", "'", '"', "|", "{", "]", "\t", "# ", "---\n"]
        )
    )
    assert _outcome((text[:at] + added + text[at + gone :]).encode()) in {"read", "refused"}


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}stringData: {{k: &a {CANARY}, l: *a}}",
        f"{HEAD}stringData: {{k: !own {CANARY}}}",
        f"{HEAD}stringData: {{k: !{CANARY} x}}",
        f"{HEAD}stringData: {{k: x, k: {CANARY}}}",
        f"{HEAD}stringData: {{k: !!int {CANARY}}}",
        f"{HEAD}stringData: {{k: [{CANARY}]}}",
        f"{HEAD}stringData: {{k: '{CANARY}",
        f'{HEAD}stringData: {{k: "{CANARY}\\q"}}',
        f"{HEAD}stringData: {CANARY}",
        f"{HEAD}data: {{k: {CANARY}}}",
        f"{HEAD}data: {{k: !!binary {CANARY}}}",
        f"{HEAD}data: {CANARY}: {CANARY}",
        f"{HEAD}immutable: {CANARY}",
        f"{HEAD}type: [{CANARY}]",
        f"{HEAD}k: *{CANARY}",
        f"{HEAD}data: {{? [{CANARY}] : x}}",
        f"{HEAD}data: {{!!int {CANARY}: x}}",
        f"{HEAD}status: {CANARY}\n---\n{CANARY}",
        f"kind: {CANARY}\napiVersion: {CANARY}",
        f"%{CANARY} x\n--- [\n",
        CANARY,
        f"[{CANARY}",
        f"{CANARY}: \x07",
    ],
)
def test_no_refusal_holds_what_was_refused(text: str) -> None:
    error = refusal_of(text)
    told = [repr(error), str(error), repr(error.violations), *traceback.format_exception(error)]
    assert not [each for each in told if CANARY in each]


def test_no_repr_of_what_was_read_holds_a_value() -> None:
    text = HEAD + f"  annotations: {{a: {CANARY}}}\nstringData: {{k: {CANARY}}}\n"
    assert CANARY not in repr(read_secret(text.encode()))


def _outcome(source: bytes) -> str:
    try:
        read_secret(source)
    except InvalidError:
        return "refused"
    return "read"
