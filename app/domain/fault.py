"""What can be wrong with something a person sent: stable codes and their words.

A fault never holds the offending text: messages are constants, so they can travel into answers and logs.
"""

import re
from dataclasses import dataclass
from enum import Enum
from itertools import takewhile
from typing import Final


class Fault(Enum):
    """One kind of fault; the member's name is the wire code, its value the message."""

    # shape of the body
    MALFORMED_JSON = "The body is not valid JSON."
    JSON_TOO_DEEP = "The body is nested deeper than allowed."
    JSON_TOO_MANY_PARTS = "The body has more objects and arrays than allowed."
    DUPLICATE_MEMBER = "An object names this member twice."
    LONE_SURROGATE = "The text holds half of a surrogate pair and has no UTF-8 form."
    REQUIRED = "This field is required."
    UNKNOWN_FIELD = "This field is not known here."
    WRONG_TYPE = "The value has the wrong type."
    INVALID_VALUE = "The value is not one of those allowed here."
    NULL_NOT_ALLOWED = "Null is not accepted here."
    TOO_LONG = "The value is too long."
    TOO_SHORT = "The value is too short."
    OUT_OF_RANGE = "The number is outside of the allowed range."
    INVALID_TIME = "The value is not an RFC 3339 date-time with a time zone."
    BODY_REQUIRED = "This operation needs a body."
    BODY_NOT_EXPECTED = "This operation takes no body."
    UNKNOWN_PARAMETER = "This query parameter is not known here."
    REPEATED_PARAMETER = "This query parameter may be given once."
    INVALID_BASE64 = "The value is not standard base64 (RFC 4648 section 4, with padding, no blanks)."
    # names and metadata
    NAME_INVALID = (
        "A name has lower-case letters, digits, '-' and '.', begins and ends with a letter or digit, "
        "and is at most 253 characters long (DNS subdomain, RFC 1123)."
    )
    LABEL_NAME_INVALID = (
        "A name has lower-case letters, digits and '-', begins and ends with a letter or digit, "
        "and is at most 63 characters long (DNS label, RFC 1123)."
    )
    NAME_TAKEN = "A Secret of this name is already there."
    NAMES_NOTHING = "What this names is not there, or not to be seen by you."
    SECRET_NAMED_TWICE = "One Secret may be named once."
    SUCCESSOR_NAME_TOO_LONG = "With a hash behind it, the name would be longer than 253 characters."
    NAME_MISMATCH = "The name differs from the one in the path."
    ALIAS_TOO_LONG = "An alias is at most 63 characters long."
    DESCRIPTION_TOO_LONG = "A description is at most 256 characters long."
    CONTROL_CHARACTER = "The text holds a control character."
    LABEL_KEY_INVALID = (
        "A label or annotation key is [prefix/]name: the prefix a DNS subdomain, the name 1 to 63 of [A-Za-z0-9._-]."
    )
    LABEL_VALUE_INVALID = (
        "A label value is empty, or 1 to 63 of [A-Za-z0-9._-] that begin and end with a letter or digit."
    )
    ANNOTATIONS_TOO_LARGE = "Annotation keys and values together are at most 262,144 bytes."
    RESERVED_ANNOTATION = "This annotation is written by Secretspace itself, through its own field."
    IMMUTABLE_ALONE = "This cannot be undone, so it is an edit of its own: send nothing else with it."
    LABEL_SELECTOR_INVALID = "This is no label selector."
    # keys and values
    KEY_INVALID = "A key is 1 to 253 of [A-Za-z0-9._-], and is neither '.' nor begins with '..'."
    KEY_ABSENT = "The Secret has no such key."
    KEY_PRESENT = "The Secret has this key already."
    RENAME_TARGET_PRESENT = "The Secret has a key of the new name already; overwrite replaces it."
    KEY_NAMED_TWICE = "One key may be named once in a change."
    TOO_MANY_KEYS = "There are more keys than allowed."
    VALUES_TOO_LARGE = "All values together are at most 1,048,576 bytes."
    NOTHING_TO_CHANGE = "The change names no key."
    VALUE_AMBIGUOUS = "A value has exactly one of 'text' and 'base64'."
    # kinds
    TYPE_REQUIRED = "A custom Secret needs a type that is not blank."
    TYPE_INVALID = "The type is at most 253 characters long, without blanks at its edges or control characters."
    TYPE_HAS_KIND = "This type has a kind of its own; choose that kind."
    TYPE_IMMUTABLE = "The type of a Secret cannot be changed."
    KIND_DISABLED = "This kind is switched off here."
    SERVICE_ACCOUNT_IMMUTABLE = "The ServiceAccount that a token is for cannot be changed."
    CERTIFICATE_INVALID = "This is no PEM certificate chain (-----BEGIN CERTIFICATE-----)."
    PRIVATE_KEY_INVALID = "This is no unencrypted PEM private key."
    KEY_PAIR_MISMATCH = "The private key does not belong to the certificate."
    REGISTRY_REQUIRED = "At least one registry is needed."
    REGISTRY_SERVER_INVALID = "This is no registry address: host[:port][/path], with or without https:// or http://."
    REGISTRY_REPEATED = "One registry may be named once."
    REGISTRY_USERNAME_INVALID = "A registry's user name is not empty and has no ':'."
    REGISTRY_PASSWORD_REQUIRED = "A new registry needs a password."
    CREDENTIAL_REQUIRED = "At least one of user name and password is needed."
    SSH_KEY_REQUIRED = "An SSH private key is not empty."
    DATA_REQUIRED_BY_TYPE = "Kubernetes asks for this key in a Secret of this type."
    EXTRA_KEY_TAKEN = "This key belongs to a field of the kind."
    PROJECT_MISMATCH = "The namespace differs from the project in the path."
    NOT_A_VERSION = "This is no ETag of this Secret."
    # YAML
    YAML_MALFORMED = "The document is not valid YAML."
    YAML_LINE_BREAK = (
        "Readers of YAML differ in what this line break means: write it as \\N, \\L or \\P in double quotes."
    )
    YAML_NOT_UTF8 = "A YAML document is UTF-8 here."
    YAML_TOO_LARGE = "The YAML is larger than allowed."
    YAML_TOO_DEEP = "The YAML is nested deeper than allowed."
    YAML_TOO_MANY_EVENTS = "The YAML has more parts than allowed."
    YAML_TOO_MANY_DOCUMENTS = "There are more documents than allowed."
    YAML_NO_DOCUMENT = "At least one document is expected."
    YAML_ONE_DOCUMENT = "Exactly one document is expected."
    YAML_ALIAS = "Anchors, aliases and merge keys are not accepted."
    YAML_TAG = "Only the core tags of YAML are accepted."
    YAML_DUPLICATE_KEY = "A mapping names this key twice."
    YAML_KEY_NOT_TEXT = "A mapping's keys are strings."
    YAML_QUOTE_IT = "YAML reads this as something else than a string: quote it."
    YAML_NOT_A_SECRET = "The document is not a Secret of apiVersion v1."
    MASK_NOT_ALLOWED = "A masked value stands only for what this very Secret holds already, under data."
    # files to import, and what files cannot carry
    ARCHIVE_NOT_ACCEPTED = "A zip archive is not unpacked here: send its files by their names, as application/json."
    FORMAT_OF_FILES = "Files in JSON have no format: send one file as application/octet-stream, or leave this out."
    NAME_OF_FILES = "Files in JSON bring the name in the body."
    ENV_NOT_UTF8 = "A .env file is UTF-8 here."
    ENV_LINE_INVALID = "A line is NAME=value, perhaps with 'export' before it, or a comment, or blank."
    ENV_NAME_REPEATED = "The file gives this name twice."
    ENV_QUOTE_OPEN = "The quoted value does not end."
    ENV_BEHIND_QUOTE = "Behind a quoted value its line may only have a comment, after a blank."
    ENV_ESCAPE = 'In double quotes a backslash stands before n, ", \\, $ and backtick alone; in single quotes it stays.'
    ENV_INTERPOLATION = "Readers differ in what $ and the backtick mean here: use single quotes, or \\$ in double ones."
    NOT_ENV_NAME = "No environment variable can have this name: [A-Za-z_][A-Za-z0-9_]*, and none that shells set."
    NOT_ENV_TEXT = "An environment variable holds text in UTF-8, without control characters."
    NOT_ENV_SIZE = "Linux hands on at most 131,072 bytes of one environment variable, its name included."
    PEM_BLOCK_OPEN = "A PEM block begins here, and does not end."
    PEM_BLOCK_UNKNOWN = "This PEM block is neither a certificate nor a private key."
    PEM_CERTIFICATE_MISSING = "The file has no PEM certificate."
    PEM_KEY_MISSING = "The file has no PEM private key."
    PEM_SEVERAL_KEYS = "The file has more than one private key."
    PEM_KEY_ENCRYPTED = "The private key needs a password; Kubernetes takes it unencrypted only."
    DOCKER_CONFIG_INVALID = "This is no docker config.json that can be read as a list of registries under 'auths'."
    REGISTRY_CREDENTIAL_MISSING = (
        "The file holds no user name and password for this registry, as with a credential helper."
    )
    # accounts
    EMAIL_INVALID = "This is no e-mail address."
    PASSWORD_TOO_SHORT = "A password is at least 8 characters long."
    PASSWORD_TOO_LONG = "A password is at most 1,024 bytes long."
    PASSWORD_TOO_COMMON = "This password is among the first that an attacker tries."
    PASSWORD_LIKE_NAME = "The password is too much like the account's name, or ours."
    PASSWORD_WRONG = "This is not the account's present password."
    PASSWORD_UNCHANGED = "The new password is the present one."
    # members
    SUBJECT_NAME_INVALID = (
        "A user or group name is 1 to 253 characters of NFC text without control characters or blanks at its edges."
    )
    SUBJECT_RESERVED = "Names that begin with 'system:' or 'secretspace-system:' are nobody's who signs in."
    ACCOUNT_UNKNOWN = "There is no local account of this name."
    # registered by the API server on our behalf
    REFUSED = "Kubernetes does not accept this field."
    REFUSED_BY_ADMISSION = "An admission policy or webhook of the cluster does not accept it."

    @property
    def code(self) -> str:
        """The stable, upper-case code."""
        return self.name

    @property
    def message(self) -> str:
        """The words for a person; constant, never with the value in them."""
        return self.value


@dataclass(frozen=True, slots=True)
class Violation:
    """A fault and where it is.

    `pointer` is a JSON pointer (RFC 6901) into the body, `""` for the whole of it, `?name` for a query parameter,
    `header:Name` for a header. `line` and `column` count from 1 and are set for YAML
    and for `.env` and PEM files only.
    """

    pointer: str
    fault: Fault
    line: int | None = None
    column: int | None = None


MAX_NAME_IN_POINTER: Final = 253
"""Characters of the longest member name that is repeated to its sender."""


def pointer(*parts: str | int) -> str:
    """A JSON pointer out of its unescaped parts (RFC 6901 section 3).

    It ends before a name that is too long to be repeated or has no UTF-8 form, and so points at the parent.
    """
    kept = takewhile(_can_be_repeated, (str(part) for part in parts))
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in kept)


def _can_be_repeated(name: str) -> bool:
    return len(name) <= MAX_NAME_IN_POINTER and _HALF_OF_A_PAIR.search(name) is None


_HALF_OF_A_PAIR: Final = re.compile("[\ud800-\udfff]")
