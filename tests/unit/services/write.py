"""Every way to write over a Secret that is there, for what holds for all of them."""

from typing import Any, Final

from app.domain.absent import ABSENT
from app.domain.change import InfoChange, KeyChange
from app.domain.content import RawContent
from app.domain.manifest import SecretManifest
from app.domain.name import Key
from app.domain.new_secret import NewSecretDraft
from app.domain.override import Overrides
from app.domain.terms import Terms, UpsertTerms
from app.domain.version import Precondition
from tests.unit.sample import REF
from tests.unit.services.in_memory import House

WRITES: Final = ["info", "keys", "data", "yaml", "delete", "replace"]
READING: Final = ["data", "yaml", "replace"]
"""Those that read the values that are there."""


async def write(
    house: House, how: str, expected: Precondition, override: Overrides = (), *, dry_run: bool = False
) -> Any:
    """Write in one of the ways; each of them changes something."""
    writer, terms = house.writer, Terms(expected, override, dry_run)
    content = RawContent(house.secrets.secrets[REF.name].type, {"a": b"2"})
    match how:
        case "info":
            return await writer.edit(REF, InfoChange("Demo", ABSENT), terms)
        case "keys":
            return await writer.edit(REF, KeyChange({Key("a"): b"2"}), terms)
        case "data":
            return await writer.edit(REF, content, terms)
        case "yaml":
            return await writer.edit(REF, SecretManifest(REF.name, data={"a": b"2"}), terms)
        case "delete":
            return await writer.delete(REF, terms)
        case _:
            upsert = UpsertTerms(expected, override=override, dry_run=dry_run)
            return await writer.upsert(NewSecretDraft(REF, content), upsert)
