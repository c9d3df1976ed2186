"""Directories that are built once per user and machine, however many processes ask for them at once."""

import fcntl
import hashlib
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Final

_POLL_SECONDS: Final = 0.2


def cache_dir(environment: Mapping[str, str] = os.environ) -> Path:
    """Where this user's builds lie: $XDG_CACHE_HOME (its specification: only when absolute) or ~/.cache."""
    base = Path(environment.get("XDG_CACHE_HOME", ""))
    return (base if base.is_absolute() else Path.home() / ".cache") / "secretspace" / "devcluster"


def fingerprint(sources: Iterable[Path]) -> str:
    """Twelve hex digits that change when a source file changes, and differ from platform to platform."""
    digest = hashlib.sha256(f"{sys.platform} {platform.machine()}".encode())
    for source in sources:
        content = source.read_bytes()
        digest.update(f"\n{source.name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:12]


def obtain(entry: Path, build: Callable[[Path], None], waiting: Callable[[], AbstractContextManager[object]]) -> Path:
    """The directory `entry`; if it is not there yet, `build` fills it, and it appears whole or not at all.

    Args:
        entry: the directory wanted.
        build: fills the empty directory that it is given.
        waiting: entered while another process builds the same entry; ours then uses what that one made.
    """
    if entry.is_dir():
        return entry
    entry.parent.mkdir(parents=True, exist_ok=True)
    with _locked(entry.with_name(f"{entry.name}.lock"), waiting):
        if not entry.is_dir():
            _build(entry, build)
    return entry


def _build(entry: Path, build: Callable[[Path], None]) -> None:
    """Build beside `entry`, then rename: a rename within one filesystem is atomic."""
    for leftover in entry.parent.glob(f".{entry.name}.*"):  # of killed builds: we hold the lock, so nobody uses them
        shutil.rmtree(leftover)
    scratch = Path(tempfile.mkdtemp(prefix=f".{entry.name}.", dir=entry.parent))
    try:
        build(scratch)
        scratch.chmod(0o755)
        scratch.rename(entry)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)  # gone already when the build succeeded


@contextmanager
def _locked(file: Path, waiting: Callable[[], AbstractContextManager[object]]) -> Iterator[None]:
    """Hold a lock that the kernel gives up for us, whatever way this process ends."""
    with file.open("w") as lock:
        if not _try_lock(lock.fileno()):
            with waiting():
                while not _try_lock(lock.fileno()):
                    time.sleep(_POLL_SECONDS)
        yield


def _try_lock(descriptor: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
