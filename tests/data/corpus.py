"""Secrets as they are found in clusters: each a small generator, so that no value is the same in two runs."""

from typing import Final

from tests.data.binary import BINARIES
from tests.data.certificate import CERTIFICATES
from tests.data.credential import CREDENTIALS
from tests.data.kept import KEPT
from tests.data.keys import SIZES
from tests.data.registry import REGISTRIES
from tests.data.shape import Shapes
from tests.data.text import TEXTS

CORPUS: Final[Shapes] = {**CERTIFICATES, **REGISTRIES, **CREDENTIALS, **TEXTS, **BINARIES, **SIZES, **KEPT}
"""All of them, by what they are."""
