"""Which annotations may be answered: other tools copy whole Secrets into theirs."""

import base64
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from app.domain.name import OWN_ANNOTATIONS

MIN_TRACE: Final = 4
"""Bytes of a value below which its traces are not looked for: texts hold shorter ones by chance."""
MAX_LOOK: Final = 64 * 1024 * 1024
"""Characters to look through, once per trace; about 70 ms. Where there are more, nothing in doubt is shown."""


def shown_annotations(
    annotations: Mapping[str, str], hidden: Collection[str], values: Iterable[bytes] = ()
) -> dict[str, str]:
    """The annotations without those that are hidden, and those whose text contains one of the values.

    Alias, description and creator are shown whatever they hold: a list shows them too, where no value is read.
    """
    shown = {key: text for key, text in annotations.items() if key not in hidden}
    suspects = {key: text for key, text in shown.items() if key not in OWN_ANNOTATIONS}
    if not suspects:
        return shown
    traces = {trace for value in values for trace in _traces(value)}
    too_long = len(traces) * sum(map(len, suspects.values())) > MAX_LOOK
    telling = {key for key, text in suspects.items() if too_long or any(trace in text for trace in traces)}
    return {key: text for key, text in shown.items() if key not in telling}


def _traces(value: bytes) -> Iterator[str]:
    """The forms in which a value can stand in a text: as base64, as it is, and inside of a JSON string."""
    if len(value) < MIN_TRACE:
        return
    yield base64.b64encode(value).decode().rstrip("=")
    try:
        text = value.strip().decode()
    except UnicodeDecodeError:
        return
    if len(text) >= MIN_TRACE:
        yield text
        yield json.dumps(text, ensure_ascii=False)[1:-1]
