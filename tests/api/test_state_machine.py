"""Any order of writes, by us and behind our back: a Secret is always what a dictionary says that it is.

The machine runs in a thread, since hypothesis calls its rules one after the other and does not wait for them; what they
do runs on the event loop of the test, where the clients live.
"""

import asyncio
import base64
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Final, TypeVar, cast

import httpx
import pytest
import yaml
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from app.domain.version import Version
from tests.support.canary import MARK
from tests.support.cluster import Admin
from tests.support.people import Person, Project
from tests.support.secret import Stored, encoded, refusal, revealed, stored

T = TypeVar("T")
Values = Mapping[str, bytes]
"""Keys and their values."""
Texts = Mapping[str, str]
"""Labels."""

NAMES: Final = ("a", "b", "c.d", "-")
KEYS: Final = st.sampled_from(NAMES)
VALUES: Final = st.sampled_from([b"", b"\x00\xff", b"yes", b"\r\n", "ä😀".encode()]) | st.binary(max_size=40).map(
    lambda value: MARK.encode() + value
)
DATA: Final = st.dictionaries(KEYS, VALUES, max_size=4)
SOME: Final = st.dictionaries(KEYS, VALUES, min_size=1, max_size=2)
LABELS: Final = st.dictionaries(st.sampled_from(["app", "x/y"]), st.sampled_from(["", "1", "yes"]), min_size=1)
_NUMBERS: Final = count()


@dataclass(frozen=True)
class State:
    """What a Secret holds at one version."""

    data: Values = field(default_factory=dict)
    labels: Texts = field(default_factory=dict)

    def with_keys(self, values: Values) -> "State":
        """The same with these keys set."""
        return replace(self, data={**self.data, **values})

    def without(self, *keys: str) -> "State":
        """The same without these keys."""
        return replace(self, data={key: value for key, value in self.data.items() if key not in keys})

    @property
    def absent(self) -> list[str]:
        """The keys that it does not have."""
        return [key for key in NAMES if key not in self.data]

    def overlaps(self, base: "State", key: str, value: bytes) -> bool:
        """Whether a key that shall have this value has been changed since, and to something else."""
        return self.data.get(key) not in (base.data.get(key), value)


def forms(values: Values) -> dict[str, dict[str, str]]:
    """The values as our API takes them."""
    return {key: {"base64": encoded(value)} for key, value in values.items()}


def content(values: Values) -> dict[str, Any]:
    return {"kind": "default", "data": forms(values)}


def is_there(machine: "Edits") -> bool:
    return bool(machine.life)


def is_not_there(machine: "Edits") -> bool:
    return not machine.life


def was_there(machine: "Edits") -> bool:
    return bool(machine.past) and not machine.life


def has_a_past(machine: "Edits") -> bool:
    return len(machine.life) > 1


def has_keys(machine: "Edits") -> bool:
    return is_there(machine) and len(machine.now.data) > 0


def has_two_keys(machine: "Edits") -> bool:
    return is_there(machine) and len(machine.now.data) > 1


def has_room(machine: "Edits") -> bool:
    return is_there(machine) and len(machine.now.absent) > 0


def has_keys_and_room(machine: "Edits") -> bool:
    return has_keys(machine) and has_room(machine)


def etag_of(secret: Stored) -> str:
    """The version as our API tells it."""
    return Version(secret.object["metadata"]["uid"], secret.version).etag


def sizes(values: Values) -> dict[str, int]:
    return {key: len(value) for key, value in values.items()}


def bytes_of(view: Mapping[str, str]) -> bytes:
    """The bytes that a revealed value stands for."""
    return base64.b64decode(view["base64"]) if "base64" in view else view["text"].encode()


async def together(work: Iterable[Coroutine[Any, Any, httpx.Response]]) -> list[httpx.Response]:
    """What requests come to that are under way at the same time."""
    return await asyncio.gather(*work)


class Edits(RuleBasedStateMachine):
    """All that can be done with one Secret, and what it is to be afterwards."""

    def __init__(self, operator: Person, admin: Admin, project: Project, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.operator, self.admin, self.project, self.loop = operator, admin, project, loop
        self.name = f"s{next(_NUMBERS)}"
        self.path, self.behind = f"{project.secrets}/{self.name}", f"{project.kube_secrets}/{self.name}"
        self.past: dict[str, State] = {}
        """Every state that it was in, by ETag."""
        self.life: list[str] = []
        """The ETags since it was made, the present one last; none where it is not there."""

    @property
    def etag(self) -> str:
        """The present version."""
        return self.life[-1]

    @property
    def now(self) -> State:
        """The present state."""
        return self.past[self.etag]

    def done(self, work: Coroutine[Any, Any, T]) -> T:
        """What a piece of work on the event loop comes to."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def patched(self, body: Any, if_match: str = "*", **query: str) -> httpx.Response:
        """The answer to a change of keys."""
        return self.done(self.operator.patch(f"{self.path}/data", body, if_match, params=query))

    def born(self, state: State, response: httpx.Response) -> None:
        """It was made, in this state."""
        assert response.status_code == 201, response.text
        self.life = []
        self.at(state, response.headers["ETag"])

    def became(self, state: State, response: httpx.Response) -> None:
        """It was written, if that changes anything."""
        assert response.status_code == 200, response.text
        assert (response.headers["ETag"] == self.etag) == (state == self.now)
        self.at(state, response.headers["ETag"])

    def at(self, state: State, etag: str) -> None:
        """It is in this state, at this version."""
        self.past[etag] = state
        self.life = [*(earlier for earlier in self.life if earlier != etag), etag]

    @precondition(is_not_there)
    @rule(data=DATA, labels=LABELS)
    def create(self, data: Values, labels: Texts) -> None:
        body = {"name": self.name, "content": content(data), "labels": labels}
        self.born(State(data, labels), self.done(self.operator.post(self.project.secrets, body)))

    @precondition(is_not_there)
    @rule(data=DATA)
    def create_by_put(self, data: Values) -> None:
        self.born(State(data), self.done(self.operator.put(self.path, {"content": content(data)}, None)))

    @precondition(was_there)
    @rule(choice=st.data())
    def restore_what_is_deleted(self, choice: st.DataObject) -> None:
        etag = choice.draw(st.sampled_from(list(self.past)))
        headers = {"If-None-Match": "*"}
        response = self.done(self.operator.post(f"{self.path}/restore", {"etag": etag}, headers=headers))
        self.born(self.past[etag], response)

    @precondition(is_there)
    @rule(data=DATA)
    def create_what_is_there(self, data: Values) -> None:
        body = {"name": self.name, "content": content(data)}
        assert refusal(self.done(self.operator.post(self.project.secrets, body))) == (409, "ALREADY_EXISTS")

    @precondition(is_there)
    @rule(labels=LABELS | st.just({"app": None}))
    def edit_information(self, labels: Mapping[str, str | None]) -> None:
        response = self.done(self.operator.patch(self.path, {"labels": labels}, self.etag))
        merged = {key: text for key, text in {**self.now.labels, **labels}.items() if text is not None}
        self.became(replace(self.now, labels=merged), response)

    @precondition(is_there)
    @rule(data=SOME, gone=st.sets(KEYS))
    def set_and_remove(self, data: Values, gone: set[str]) -> None:
        body = {"set": forms(data), "remove": sorted(gone - data.keys())}
        self.became(self.now.without(*gone).with_keys(data), self.patched(body, self.etag))

    @precondition(has_room)
    @rule(choice=st.data(), value=VALUES)
    def set_if_absent(self, choice: st.DataObject, value: bytes) -> None:
        key = choice.draw(st.sampled_from(self.now.absent))
        self.became(self.now.with_keys({key: value}), self.patched({"setIfAbsent": forms({key: value})}))

    @precondition(has_keys)
    @rule(choice=st.data(), value=VALUES)
    def set_as_absent_what_is_there(self, choice: st.DataObject, value: bytes) -> None:
        key = choice.draw(st.sampled_from(sorted(self.now.data)))
        response = self.patched({"setIfAbsent": forms({key: value}), "set": {"e": ""}})
        assert refusal(response) == (409, "PATCH_NOT_APPLICABLE")

    @precondition(has_keys_and_room)
    @rule(choice=st.data())
    def rename(self, choice: st.DataObject) -> None:
        old, new = choice.draw(st.sampled_from(sorted(self.now.data))), choice.draw(st.sampled_from(self.now.absent))
        state = self.now.without(old).with_keys({new: self.now.data[old]})
        self.became(state, self.patched({"rename": {old: new}}, self.etag))

    @precondition(has_two_keys)
    @rule(choice=st.data())
    def rename_over_another(self, choice: st.DataObject) -> None:
        old, new = choice.draw(st.permutations(sorted(self.now.data)))[:2]
        refused = self.patched({"rename": {old: new}})
        state = self.now.without(old).with_keys({new: self.now.data[old]})
        assert refusal(refused) == (409, "PATCH_NOT_APPLICABLE")
        self.became(state, self.patched({"rename": {old: new}, "overwrite": True}, self.etag))

    @precondition(is_there)
    @rule(data=DATA)
    def edit_content(self, data: Values) -> None:
        response = self.done(self.operator.put(f"{self.path}/data", {"content": content(data)}, self.etag))
        self.became(replace(self.now, data=data), response)

    @precondition(is_there)
    @rule(data=DATA)
    def replace_all(self, data: Values) -> None:
        response = self.done(self.operator.put(self.path, {"content": content(data)}, self.etag))
        self.became(replace(self.now, data=data), response)

    @precondition(is_there)
    @rule(data=DATA, gone=st.sets(KEYS), labels=LABELS)
    def edit_document(self, data: Values, gone: set[str], labels: Texts) -> None:
        read = self.done(self.operator.get(f"{self.path}/yaml"))
        document = yaml.safe_load(read.text)
        masks = {key: mask for key, mask in document.get("data", {}).items() if key not in gone}
        document["metadata"]["labels"] = dict(labels)
        document["data"] = {**masks, **{key: encoded(value) for key, value in data.items()}}
        text = yaml.safe_dump(document, default_style='"')
        response = self.done(self.operator.put_yaml(f"{self.path}/yaml", text, read.headers["ETag"]))
        self.became(replace(self.now.without(*gone).with_keys(data), labels=labels), response)

    @precondition(is_there)
    @rule(values=st.sampled_from(["masked", "plain"]))
    def send_back_what_was_read(self, values: str) -> None:
        read = self.done(self.operator.get(f"{self.path}/yaml?values={values}"))
        response = self.done(self.operator.put_yaml(f"{self.path}/yaml", read.text, self.etag))
        self.became(self.now, response)

    @precondition(has_a_past)
    @rule(choice=st.data(), data=SOME)
    def edit_what_is_no_more(self, choice: st.DataObject, data: Values) -> None:
        stale = choice.draw(st.sampled_from(self.life[:-1]))
        answers = [
            self.patched({"set": forms(data)}, stale),
            self.done(self.operator.put(f"{self.path}/data", {"content": content(data)}, stale)),
            self.done(self.operator.put(self.path, {"content": content(data)}, stale)),
            self.done(self.operator.patch(self.path, {"alias": "Late"}, stale)),
            self.done(self.operator.delete(self.path, stale)),
        ]
        assert [refusal(answer) for answer in answers] == [(412, "PRECONDITION_FAILED")] * len(answers)

    @precondition(has_a_past)
    @rule(choice=st.data(), value=VALUES)
    def merge(self, choice: st.DataObject, value: bytes) -> None:
        stale, key = choice.draw(st.sampled_from(self.life[:-1])), choice.draw(KEYS)
        response = self.patched({"set": forms({key: value})}, stale, merge="true")
        MERGES[self.now.overlaps(self.past[stale], key, value)](self, self.now.with_keys({key: value}), response)

    @precondition(has_a_past)
    @rule(choice=st.data())
    def restore(self, choice: st.DataObject) -> None:
        earlier = choice.draw(st.sampled_from(self.life[:-1]))
        headers = {"If-Match": self.etag}
        response = self.done(self.operator.post(f"{self.path}/restore", {"etag": earlier}, headers=headers))
        self.became(self.past[earlier], response)

    @precondition(is_there)
    @rule()
    def copy(self) -> None:
        name = f"{self.name}-{next(_NUMBERS)}"
        response = self.done(self.operator.post(f"{self.path}/copy", {"name": name}))
        there = self.done(stored(self.admin, self.project, name))
        assert response.status_code == 201, response.text
        assert (there.data, there.labels, etag_of(there)) == (self.now.data, self.now.labels, response.headers["ETag"])

    @precondition(is_there)
    @rule(data=SOME, gone=st.sets(KEYS))
    def others_edit_it(self, data: Values, gone: set[str]) -> None:
        change = {**dict.fromkeys(gone), **{key: encoded(value) for key, value in data.items()}}
        written = Stored(self.done(self.admin.merge(self.behind, {"data": change})))
        self.at(self.now.without(*gone).with_keys(data), etag_of(written))

    @precondition(is_there)
    @rule(key=KEYS)
    def two_edit_it_at_once(self, key: str) -> None:
        values = [f"{MARK}{who} after {self.etag}".encode() for who in ("one", "two")]
        bodies = [{"set": forms({key: value})} for value in values]
        answers = self.done(together(self.operator.patch(f"{self.path}/data", body, self.etag) for body in bodies))
        assert sorted(answer.status_code for answer in answers) == [200, 412]
        winner = [answer.status_code for answer in answers].index(200)
        self.became(self.now.with_keys({key: values[winner]}), answers[winner])

    @precondition(is_there)
    @rule()
    def delete(self) -> None:
        response = self.done(self.operator.delete(self.path, self.etag))
        assert (response.status_code, response.json()["previousEtag"]) == (200, self.etag)
        assert refusal(self.patched({"set": {"a": ""}})) == (404, "SECRET_NOT_FOUND")
        self.life = []

    @precondition(is_there)
    @invariant()
    def it_is_what_it_is_to_be(self) -> None:
        """In the cluster, in the detail and in a reveal."""
        there = self.done(stored(self.admin, self.project, self.name))
        detail = self.done(self.operator.get(self.path))
        shown = self.done(revealed(self.operator, self.project, self.name))
        assert (there.data, there.labels, there.type) == (self.now.data, self.now.labels, "Opaque")
        assert (etag_of(there), detail.headers["ETag"]) == (self.etag, self.etag)
        assert {each["name"]: each["size"] for each in detail.json()["keys"]} == sizes(self.now.data)
        assert {key: bytes_of(view) for key, view in shown["data"].items()} == self.now.data

    @precondition(is_not_there)
    @invariant()
    def it_is_not_there(self) -> None:
        """Neither for us nor in the cluster."""
        assert self.done(self.operator.get(self.path)).status_code == 404
        assert not self.done(self.admin.exists(self.behind))


def refused(machine: Edits, _: State, response: httpx.Response) -> None:
    """The answer to a merge with an edit of the same."""
    assert refusal(response) == (412, "PRECONDITION_FAILED")


MERGES: Final = {True: refused, False: Edits.became}
"""What comes of a merge, by whether both have edited the same."""


@pytest.mark.timeout(420)  # seconds: hypothesis shrinks a failure for up to five minutes
async def test_a_secret_is_what_was_made_of_it(operator: Person, admin: Admin, project: Project) -> None:
    loop = asyncio.get_running_loop()
    await asyncio.to_thread(
        run_state_machine_as_test,
        cast("type[Edits]", lambda: Edits(operator, admin, project, loop)),  # any factory does
        settings=settings(
            max_examples=20,
            stateful_step_count=40,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
