"""Imports go one way (docs/architecture.md); the contracts stand in pyproject.toml."""

import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT, modules

DOMAIN_MAY_IMPORT = {*sys.stdlib_module_names, "app", "cryptography", "typing_extensions"}
CLOCKS = ("datetime.now(", "datetime.utcnow(", "datetime.today(", "date.today(")


def test_imports_keep_the_contracts() -> None:
    # A process of its own: it sets up logging in a way that silences the loggers which are there already.
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_domain_needs_the_standard_library_and_cryptography_alone() -> None:
    imported = {name.partition(".")[0] for module in modules("app/domain") for name in module.imported}
    assert imported <= DOMAIN_MAY_IMPORT


def test_the_domain_neither_waits_nor_looks_at_a_clock() -> None:
    domain = modules("app/domain")
    assert not [module.path for module in domain if module.imported & {"asyncio", "os", "random", "socket", "time"}]
    assert not [module.path for module in domain if any(clock in module.text for clock in CLOCKS)]
    assert not [module.path for module in domain if "async def" in module.text]
