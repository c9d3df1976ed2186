"""A Secret's manifest, read from YAML."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from app.domain.change import Warning
from app.domain.errors import InvalidError
from app.domain.fault import Fault, pointer
from app.domain.manifest import ANNOTATIONS, LABELS, Document, Position, SecretManifest, Value
from app.domain.name import SecretName
from app.schemas.yaml.event import Limits
from app.schemas.yaml.finding import Findings, refused
from app.schemas.yaml.node import BINARY, BOOLEAN, Entry, Map, Node, Refused, Scalar, documents
from app.schemas.yaml.scalar import base64_bytes, kept_bytes

_IDENTITY: Final = {"apiVersion": "v1", "kind": "Secret"}
_FIELDS: Final = ("apiVersion", "kind", "metadata", "type", "immutable", "data", "stringData")
_METADATA: Final = ("name", "namespace", "labels", "annotations")
_SERVER_OWNED: Final = frozenset(
    {
        "/metadata/creationTimestamp",
        "/metadata/deletionGracePeriodSeconds",
        "/metadata/deletionTimestamp",
        "/metadata/finalizers",
        "/metadata/generateName",
        "/metadata/generation",
        "/metadata/managedFields",
        "/metadata/ownerReferences",
        "/metadata/resourceVersion",
        "/metadata/selfLink",
        "/metadata/uid",
        "/status",
    }
)
_IGNORED: Final = "This field belongs to the server and was ignored."
_BOOLEANS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_FOLDS: Final = {"|": "\n", ">": "\n "}
"""What ends the lines of base64 in a block scalar; the folded form turns them into blanks."""
_DEFAULTS: Final = Limits()


def read_secret(text: bytes, limits: Limits = _DEFAULTS) -> SecretManifest:
    """Read the one Secret that a text in YAML, or JSON, holds; empty documents around it do not count.

    Raises:
        InvalidError: the text is no such manifest; all that could be found wrong with it, with line and column.
    """
    findings = Findings()
    found = list(documents(text, limits, findings))
    if len(found) != 1:
        findings.add("", Fault.YAML_ONE_DOCUMENT, found[1].position if found else (1, 1))
        findings.raise_any()
    reader = _Reader(limits, findings)
    manifest = reader.secret(found[0])
    findings.raise_any()
    return manifest


def read_secrets(text: bytes, limits: Limits = _DEFAULTS) -> list[Document]:
    """Read the Secrets that a text in YAML holds, each by itself; empty documents do not count.

    Raises:
        InvalidError: the text cannot be read to its end, or holds no document at all.
    """
    findings = Findings()
    found = [_document(node, limits, findings) for node in documents(text, limits, findings)]
    findings.raise_any()
    if not found:
        raise refused("", Fault.YAML_NO_DOCUMENT, (1, 1))
    return found


def _document(node: Node, limits: Limits, findings: Findings) -> Document:
    """What a document says, or what is wrong with it; that is cleared then, so that the next one stands for itself."""
    try:
        read: SecretManifest | InvalidError = _Reader(limits, findings).secret(node)
        findings.raise_any()
    except InvalidError as error:
        findings.clear()
        read = error
    return Document(node.position[0], _name_of(node), read)


def _name_of(node: Node) -> str:
    """The name that a document gives, `""` where it is none: what is no name is not repeated."""
    for field in ("metadata", "name"):
        node = node.entries[field].node if isinstance(node, Map) and field in node.entries else Refused(node.position)
    return node.text if isinstance(node, Scalar) and SecretName.fault(node.text) is None else ""


class _Reader:
    """Reads one document; a field that is null counts as left out, as in Kubernetes."""

    def __init__(self, limits: Limits, findings: Findings) -> None:
        self._limits = limits
        self._findings = findings
        self._positions: dict[str, Position] = {}
        self._warnings: list[Warning] = []

    def secret(self, root: Node) -> SecretManifest:
        """What the document says; sense only where nothing was found wrong."""
        self._require_secret(root)
        self._positions[""] = root.position
        fields = self._fields(root, "", _FIELDS)
        metadata = self._fields(fields.get("metadata"), "/metadata", _METADATA)
        if "name" not in metadata and not isinstance(fields.get("metadata"), Refused):
            self._findings.add("/metadata/name", Fault.REQUIRED, self._positions.get("/metadata", root.position))
        return SecretManifest(
            name=self._text(metadata.get("name"), "/metadata/name") or "",
            namespace=self._text(metadata.get("namespace"), "/metadata/namespace"),
            type=self._text(fields.get("type"), "/type"),
            labels=self._texts(metadata.get("labels"), LABELS),
            annotations=self._texts(metadata.get("annotations"), ANNOTATIONS),
            data=self._data(fields),
            immutable=self._boolean(fields.get("immutable"), "/immutable"),
            warnings=tuple(self._warnings),
            positions=self._positions,
        )

    def _require_secret(self, root: Node) -> None:
        """Read no further where the document is something else: all of its fields would be unknown."""
        entries = root.entries if isinstance(root, Map) else {}
        others = [name for name, expected in _IDENTITY.items() if not _says(entries.get(name), expected)]
        for name in others:
            position = entries[name].node.position if name in entries else root.position
            self._findings.add(pointer(name), Fault.YAML_NOT_A_SECRET, position)
        if others:
            self._findings.raise_any()

    def _fields(self, node: Node | None, at: str, known: Collection[str]) -> dict[str, Node]:
        """The known fields of a map that are not null; of the others, those of the server leave a warning."""
        found: dict[str, Node] = {}
        for name, where, entry in self._members(node, at):
            if name not in known and where not in _SERVER_OWNED:
                self._findings.add(where, Fault.UNKNOWN_FIELD, entry.position)
            elif _is_null(entry.node):
                continue
            elif name in known:
                found[name] = entry.node
            else:
                self._warnings.append(Warning(where, "SERVER_OWNED_FIELD", _IGNORED))
        return found

    def _members(self, node: Node | None, at: str) -> Iterator[tuple[str, str, Entry]]:
        """Names, pointers and entries of a map."""
        match node:
            case Map():
                for name, entry in node.entries.items():
                    where = at + pointer(name)
                    self._positions.setdefault(where, entry.position)
                    yield name, where, entry
            case None | Refused():
                return
            case _ if _is_null(node):
                return
            case _:
                self._findings.add(at, Fault.WRONG_TYPE, node.position)

    def _data(self, fields: Mapping[str, Node]) -> dict[str, Value]:
        data: dict[str, Value | None] = {}
        for key, at, entry in self._members(fields.get("data"), "/data"):
            data[key] = self._value(entry.node, at)
        for key, at, entry in self._members(fields.get("stringData"), "/stringData"):
            data[key] = self._text_value(entry.node, at)
        if len(data) > self._limits.keys:
            self._findings.add("/data", Fault.TOO_MANY_KEYS, self._positions["/data"])
        return {key: value for key, value in data.items() if value is not None}

    def _value(self, node: Node, at: str) -> Value | None:
        """A value under `data`: base64, `!!binary`, or the mask of what is stored."""
        if isinstance(node, Scalar) and node.tag == BINARY:
            return self._decoded(node, at)
        text = self._text(node, at)
        if text is None or not isinstance(node, Scalar):
            return None
        return kept_bytes(text) or self._decoded(node, at)

    def _decoded(self, node: Scalar, at: str) -> bytes | None:
        value = base64_bytes(node.text.translate(dict.fromkeys(map(ord, _FOLDS.get(node.style, "")))))
        if value is None:
            self._findings.add(at, Fault.INVALID_BASE64, node.position)
        return value

    def _text_value(self, node: Node, at: str) -> bytes | None:
        """A value under `stringData`: the text itself."""
        text = self._text(node, at)
        if text is not None and kept_bytes(text) is not None:
            self._findings.add(at, Fault.MASK_NOT_ALLOWED, node.position)
        return None if text is None else text.encode()

    def _texts(self, node: Node | None, at: str) -> dict[str, str]:
        texts = {key: self._text(entry.node, where) for key, where, entry in self._members(node, at)}
        return {key: text for key, text in texts.items() if text is not None}

    def _text(self, node: Node | None, at: str) -> str | None:
        match node:
            case Scalar(tag=tag) if tag == BINARY:
                self._findings.add(at, Fault.YAML_TAG, node.position)
            case Scalar() if not node.is_string:
                self._findings.add(at, Fault.YAML_QUOTE_IT, node.position)
            case Scalar():
                return node.text
            case None | Refused():
                pass
            case _:
                self._findings.add(at, Fault.WRONG_TYPE, node.position)
        return None

    def _boolean(self, node: Node | None, at: str) -> bool | None:
        match node:
            case None | Refused():
                return None
            case Scalar(text=text) if text in _BOOLEANS and (node.is_plain or node.tag == BOOLEAN):
                return _BOOLEANS[text]
            case _:
                self._findings.add(at, Fault.WRONG_TYPE, node.position)
                return None


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_null


def _says(entry: Entry | None, expected: str) -> bool:
    return entry is not None and isinstance(entry.node, Scalar) and entry.node.text == expected
