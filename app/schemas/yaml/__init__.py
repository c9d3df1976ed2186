"""Secrets as YAML: read from the events of libyaml under limits, written so that no reader can misunderstand them.

JSON is YAML, so a manifest in JSON is read too. Comments and the order of an uploaded document are not kept.
"""

from app.schemas.yaml.event import Limits
from app.schemas.yaml.reader import read_secret, read_secrets
from app.schemas.yaml.writer import write_secret

__all__ = ["Limits", "read_secret", "read_secrets", "write_secret"]
