"""A three-way merge by key: an edit of an earlier version, made to the one that is there now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from app.domain.change import SecretChange, T
from app.domain.fault import pointer
from app.domain.kind import TLS, TLS_CERTIFICATE, TLS_PRIVATE_KEY
from app.domain.name import ALIAS, DESCRIPTION
from app.domain.state import State

_PAIRS: Final[Mapping[str, frozenset[str]]] = {TLS: frozenset({TLS_CERTIFICATE, TLS_PRIVATE_KEY})}
"""By Kubernetes type: keys that have to fit each other, so that two people cannot have changed one each."""
_PLACES: Final = {ALIAS: "/alias", DESCRIPTION: "/description"}


@dataclass(frozen=True, slots=True)
class Merge:
    """What is left to do of an edit, and where it meets what others did."""

    change: SecretChange
    overlap: tuple[str, ...] = ()
    """JSON pointers to what both changed, and not to the same: `/data/…`, `/labels/…`, `/annotations/…`, `/alias`, …"""


def merge(base: State, current: State, wanted: SecretChange, secret_type: str) -> Merge:
    """Make a change of `base` to `current`.

    What others have brought to where the change wants it is left as it is: sending a change twice changes nothing.
    """
    rest = SecretChange(
        data=_rest(current.data, wanted.data),
        labels=_rest(current.labels, wanted.labels),
        annotations=_rest(current.annotations, wanted.annotations),
        immutable=None if wanted.immutable == current.immutable else wanted.immutable,
    )
    return Merge(rest, tuple(_overlap(base, current, wanted, rest, _PAIRS.get(secret_type, frozenset()))))


def _rest(current: Mapping[str, T], wanted: Mapping[str, T | None]) -> dict[str, T | None]:
    return {key: value for key, value in wanted.items() if current.get(key) != value}


def _overlap(
    base: State, current: State, wanted: SecretChange, rest: SecretChange, pair: frozenset[str]
) -> Iterator[str]:
    theirs = _theirs(base.data, current.data)
    keys = {key for key in rest.data if key in theirs}
    if any(current.data.get(key) != wanted.data.get(key, base.data.get(key)) for key in theirs & pair):
        keys |= pair & rest.data.keys()
    yield from (pointer("data", key) for key in sorted(keys))
    for name, before, now, change in (
        ("labels", base.labels, current.labels, rest.labels),
        ("annotations", base.annotations, current.annotations, rest.annotations),
    ):
        touched = _theirs(before, now)
        yield from (_PLACES.get(key, pointer(name, key)) for key in sorted(change) if key in touched)


def _theirs(base: Mapping[str, T], current: Mapping[str, T]) -> set[str]:
    """The keys that others have changed."""
    return {key for key in {*base, *current} if base.get(key) != current.get(key)}
