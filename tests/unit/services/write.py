"""Every way to write over a Secret that is there, for what holds for all of them."""

from typing import Any, Final

from app.domain.absent import ABSENT
from app.domain.change import InfoChange, KeyChange
from app.domain.content import RawContent
from app.domain.manifest import SecretManifest
from app.domain.name import Key
from app.domain.new_secret import NewSecretDraft
from app.domain.override import Overrides
from app.domain.version import Precondition
from tests.unit.sample import REF
from tests.unit.services.in_memory import House

WRITES: Final = ["info", "keys", "data", "yaml", "delete", "replace"]
READING: Final = ["data", "yaml", "replace"]
"""Those that read the values that are there."""


async def write(house: House, how: str, expected: Precondition, override: Overrides = ()) -> Any:
    """Write in one of the ways; each of them changes something."""
    writer = house.writer
    content = RawContent(house.secrets.secrets[REF.name].type, {"a": b"2"})
    match how:
        case "info":
            return await writer.update_info(REF, InfoChange("Demo", ABSENT), expected=expected, override=override)
        case "keys":
            return await writer.change_keys(REF, KeyChange({Key("a"): b"2"}), expected=expected, override=override)
        case "data":
            return await writer.replace_data(REF, content, expected=expected, override=override)
        case "yaml":
            manifest = SecretManifest(REF.name, data={"a": b"2"})
            return await writer.update_yaml(REF, manifest, expected=expected, override=override)
        case "delete":
            return await writer.delete(REF, expected=expected, override=override)
        case _:
            draft = NewSecretDraft(REF, content)
            return await writer.upsert(draft, expected=expected, only_create=False, override=override)
