r"""`.env` files: read without guessing, and written so that a POSIX shell reads back the same bytes.

No standard says what such a file is, and readers differ. What they agree on is read here: `NAME=value`, perhaps with
`export` before it; a value in single quotes is what stands there, in double quotes `\n`, `\"`, `\\`, `\$` and a
backtick behind a backslash are escapes, both may have many lines; without quotes it runs to the end of the line or to a
`#` behind a blank, and is trimmed. What they differ in (interpolation, other escapes, a name twice) is refused.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from app.domain.errors import InvalidError
from app.domain.facts import is_binary
from app.domain.fault import Fault, Violation, pointer
from app.domain.name import Key

MAX_FINDINGS: Final = 100
"""After so many, reading ends: nobody reads further, and the answer stays small."""

# Possessive, so that every character is looked at a fixed number of times, whatever is sent.
_NOTHING = re.compile(r"[ \t]*+(?:#[^\n]*+|\r?+)(?:\n|\Z)")
_ASSIGNMENT = re.compile(r"[ \t]*+(?:export[ \t]++)?(?P<name>[A-Za-z_][A-Za-z0-9_.-]*+)[ \t]*+=")
_QUOTE = re.compile(r"[ \t]*+(?P<quote>['\"])")
_TO_DOUBLE_QUOTE = re.compile(r'(?:[^"\\]++|\\.)*+"', re.DOTALL)
_BEHIND_QUOTE = re.compile(r"(?:[ \t]++#[^\n]*+|[ \t]*+\r?+)(?:\n|\Z)")
_COMMENT = re.compile(r"[ \t]#")
_NUL = re.compile("\0")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SPECIAL = re.compile(r"\\(.)|[$`]", re.DOTALL)
_INTERPOLATION = re.compile(r"[$`]")
_ESCAPED = re.compile(r'[\\"$`]')
_ESCAPES: Final = {"n": "\n", '"': '"', "\\": "\\", "$": "$", "`": "`"}

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""What every shell takes for a name (POSIX.1-2017, 3.235)."""
_OF_SHELLS: Final = frozenset(
    "_ BASHOPTS BASHPID BASH_ALIASES BASH_ARGC BASH_ARGV BASH_ARGV0 BASH_CMDS BASH_COMMAND BASH_LINENO BASH_SOURCE "
    "BASH_SUBSHELL BASH_VERSINFO COMP_WORDBREAKS DIRSTACK EPOCHREALTIME EPOCHSECONDS EUID FUNCNAME GROUPS HISTCMD "
    "LINENO OPTIND PPID RANDOM SECONDS SHELLOPTS SRANDOM UID".split()
)
"""Variables that bash or dash does not let be set, or sets itself, so that they do not hold what a file gives them."""

_MAX_VARIABLE: Final = 131_072
"""Bytes of `NAME=value` and the NUL behind it: MAX_ARG_STRLEN in execve(2)."""


def read_dotenv(content: bytes, *, max_keys: int) -> dict[str, bytes]:
    """The names and values of a file, in its order.

    Raises:
        InvalidError: the file breaks rules, or has more than `max_keys` names; all that is wrong, each fault with line
            and column, and with the name as its pointer, where there is one.
    """
    reader = _Reader(_text(content), max_keys)
    for name, value in reader.assignments():
        reader.values[name] = value.encode()
    reader.raise_any()
    return reader.values


def write_dotenv(data: Mapping[str, bytes]) -> bytes:
    """A file of these names and values, sorted; they have no `dotenv_faults`."""
    return "".join(f"{name}={_quoted(value.decode())}\n" for name, value in sorted(data.items())).encode()


def dotenv_faults(data: Mapping[str, bytes]) -> Iterator[Violation]:
    """What an environment cannot carry of these keys and values."""
    for key, value in sorted(data.items()):
        if not _NAME.fullmatch(key) or key in _OF_SHELLS:
            yield Violation(pointer("data", key), Fault.NOT_ENV_NAME)
        if is_binary(value):
            yield Violation(pointer("data", key), Fault.NOT_ENV_TEXT)
        if len(f"{key}=".encode()) + len(value) + 1 > _MAX_VARIABLE:
            yield Violation(pointer("data", key), Fault.NOT_ENV_SIZE)


class _Reader:
    """Goes through a text once; after a line that is wrong it goes on with the next one."""

    def __init__(self, text: str, max_keys: int) -> None:
        self.values: dict[str, bytes] = {}
        self._text = text
        self._max_keys = max_keys
        self._at = 0
        self._findings: list[Violation] = []

    def assignments(self) -> Iterator[tuple[str, str]]:
        """Names and values, as they come; of a line that is wrong there is none."""
        while self._at < len(self._text):
            nothing = _NOTHING.match(self._text, self._at)
            if nothing:
                self._at = nothing.end()
                continue
            assignment = _ASSIGNMENT.match(self._text, self._at)
            if assignment is None:
                self._refuse_line("", Fault.ENV_LINE_INVALID, self._at)
                continue
            name = assignment["name"]
            self._check_name(name, assignment.start("name"))
            self._at = assignment.end()
            value = self._value(name)
            if value is not None:
                yield name, value

    def raise_any(self) -> None:
        """Go on only where nothing was found.

        Raises:
            InvalidError: something was.
        """
        if self._findings:
            raise InvalidError(self._findings)

    def _check_name(self, name: str, start: int) -> None:
        fault = Fault.ENV_NAME_REPEATED if name in self.values else Key.fault(name)
        if fault is not None:
            self._find(pointer(name), fault, start)
        if len(self.values) >= self._max_keys:
            self._find("", Fault.TOO_MANY_KEYS, start)
            self.raise_any()

    def _value(self, name: str) -> str | None:
        quote = _QUOTE.match(self._text, self._at)
        return self._unquoted(name) if quote is None else self._quoted(name, quote)

    def _quoted(self, name: str, quote: re.Match[str]) -> str | None:
        start, end = quote.end(), self._end_of_quoted(quote)
        if end < 0:
            self._find(pointer(name), Fault.ENV_QUOTE_OPEN, start - 1)
            raise InvalidError(self._findings)  # nobody knows what is a line from here on, and what a value
        self._refuse(name, start, end, (_NUL, Fault.CONTROL_CHARACTER))
        value = self._text[start:end] if quote["quote"] == "'" else self._unescaped(name, start, end)
        behind = _BEHIND_QUOTE.match(self._text, end + 1)
        if behind is None:
            self._refuse_line(pointer(name), Fault.ENV_BEHIND_QUOTE, end + 1)
            return None
        self._at = behind.end()
        return value

    def _end_of_quoted(self, quote: re.Match[str]) -> int:
        """Where the closing quote stands, -1 where there is none."""
        if quote["quote"] == "'":
            return self._text.find("'", quote.end())
        closed = _TO_DOUBLE_QUOTE.match(self._text, quote.end())
        return closed.end() - 1 if closed else -1

    def _unescaped(self, name: str, start: int, end: int) -> str | None:
        """What stands in double quotes, None where it holds something that readers differ in."""
        wrong = next((each for each in _SPECIAL.finditer(self._text, start, end) if each[1] not in _ESCAPES), None)
        if wrong is not None:
            self._find(pointer(name), Fault.ENV_ESCAPE if wrong[1] else Fault.ENV_INTERPOLATION, wrong.start())
            return None
        return _SPECIAL.sub(lambda special: _ESCAPES[special[1]], self._text[start:end])

    def _unquoted(self, name: str) -> str | None:
        start, end = self._at, self._end_of_line(self._at)
        self._at = end
        line = self._text[start:end].removesuffix("\n").removesuffix("\r")
        comment = _COMMENT.search(line)
        kept = line[: comment.start()] if comment else line
        rules = ((_INTERPOLATION, Fault.ENV_INTERPOLATION), (_CONTROL, Fault.CONTROL_CHARACTER))
        return None if self._refuse(name, start, start + len(kept), *rules) else kept.strip(" \t")

    def _refuse(self, name: str, start: int, end: int, *rules: tuple[re.Pattern[str], Fault]) -> bool:
        """Note the first thing that a value must not hold, and whether there was one."""
        for pattern, fault in rules:
            wrong = pattern.search(self._text, start, end)
            if wrong is not None:
                self._find(pointer(name), fault, wrong.start())
                return True
        return False

    def _refuse_line(self, at: str, fault: Fault, offset: int) -> None:
        """Note a fault, and go on behind the line that it is in."""
        self._find(at, fault, offset)
        self._at = self._end_of_line(offset)

    def _end_of_line(self, offset: int) -> int:
        return self._text.find("\n", offset) + 1 or len(self._text)

    def _find(self, at: str, fault: Fault, offset: int) -> None:
        self._findings.append(Violation(at, fault, *_position(self._text, offset)))
        if len(self._findings) >= MAX_FINDINGS:
            self.raise_any()


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode(errors="replace")
        raise InvalidError([Violation("", Fault.ENV_NOT_UTF8, *_position(before, len(before)))]) from None


def _position(text: str, offset: int) -> tuple[int, int]:
    """Line and column of a place, both from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _quoted(text: str) -> str:
    return '"' + _ESCAPED.sub(r"\\\g<0>", text) + '"' if "'" in text else f"'{text}'"
