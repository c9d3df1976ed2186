"""Looking at processes from outside."""

import subprocess
import time
from collections.abc import Iterable


def running(pids: Iterable[int]) -> set[int]:
    """Those of `pids` that run; one that has ended and waits to be reaped does not."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,stat=", "-p", ",".join(map(str, pids))], capture_output=True, text=True, check=False
    )
    return {int(pid) for pid, state in map(str.split, listed.stdout.splitlines()) if not state.startswith("Z")}


def still_running(pids: Iterable[int], seconds: float = 20) -> set[int]:
    """Those of `pids` that have not ended within `seconds`; returns as soon as all have."""
    wanted = list(pids)
    deadline = time.monotonic() + seconds
    while (left := running(wanted)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left
