"""Runs the components as its children, and takes them along when it ends. A script, run by its path.

Whoever starts it holds the other end of its standard input, and speaks to it in lines of JSON:

    {"do": "start", "component": …, "argv": […], "log": …}   answered by {"did": "start", "component": …, "pid": …}
    {"do": "stop" | "pause" | "resume", "component": …}      answered by {"did": …, "component": …}

A command that fails is answered by {"failed": <reason>, "component": …}. A component that ends by itself is told by
{"ended": <status>, "component": …}; the others are then stopped.

When standard input ends, its owner is gone, by whatever death: the components are stopped, last started first, and the
supervisor ends. It lives in a session of its own, so the Ctrl-C that its owner gets does not reach it. Were it killed
itself, Linux kills the components at once (PR_SET_PDEATHSIG). It uses the standard library alone, and is up within
milliseconds.
"""

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
from typing import Any

GRACE_SECONDS = 5.0
_PARENT_CHECK_SECONDS = 1.0
_STDIN = 0
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Supervisor:
    """The components that run, and the loop that watches over them."""

    def __init__(self, lock: int) -> None:
        """Take over `lock`, the descriptor that holds the data directory; every component gets a copy of it."""
        self._lock = lock
        self._parent = os.getppid()
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._unread = b""
        self._ending = False

    def run(self) -> None:
        """Obey until the owner is gone, a component ends by itself, or SIGTERM comes."""
        wakeup = self._listen_to_signals()
        try:
            while not self._ending and os.getppid() == self._parent:  # a fork of the owner may still hold the pipe
                readable, _, _ = select.select([_STDIN, wakeup], [], [], _PARENT_CHECK_SECONDS)
                if wakeup in readable:
                    os.read(wakeup, 4096)
                self._notice_ended()
                if _STDIN in readable:
                    self._read_commands()
        finally:
            self._stop_all()

    def _listen_to_signals(self) -> int:
        """Have signals end the `select`, and return the descriptor on which they do.

        Handlers, not SIG_IGN: what is ignored here would be ignored in the components as well.
        """
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing)
        for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(ignored, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: self._end())
        return reading

    def _end(self) -> None:
        self._ending = True

    def _read_commands(self) -> None:
        received = os.read(_STDIN, 65536)
        if not received:
            self._end()
        *lines, self._unread = (self._unread + received).split(b"\n")
        for line in lines:
            self._obey(json.loads(line))

    def _obey(self, command: dict[str, Any]) -> None:
        component = command["component"]
        try:
            answer = self._do(command)
        except (OSError, KeyError) as error:
            _tell(failed=str(error), component=component)
        else:
            _tell(did=command["do"], component=component, **answer)

    def _do(self, command: dict[str, Any]) -> dict[str, int]:
        component = command["component"]
        match command["do"]:
            case "start":
                return {"pid": self._start(component, command["argv"], command["log"])}
            case "stop":
                _stop(self._children[component])
            case "pause":
                self._children[component].send_signal(signal.SIGSTOP)
            case "resume":
                self._children[component].send_signal(signal.SIGCONT)
            case order:
                raise KeyError(order)
        return {}

    def _start(self, component: str, argv: list[str], log: str) -> int:
        with open(log, "ab") as stream:  # noqa: PTH123 -- pathlib takes longer to import than all else here
            child = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
                pass_fds=(self._lock,),
                preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 -- there is one thread
            )
        self._children[component] = child
        return child.pid

    def _notice_ended(self) -> None:
        for component, child in self._children.items():
            known = child.returncode is not None
            if not known and child.poll() is not None:
                _tell(ended=child.returncode, component=component)
                self._end()

    def _stop_all(self) -> None:
        for child in reversed(self._children.values()):
            _stop(child)


def _stop(child: "subprocess.Popen[bytes]") -> None:
    """SIGTERM, time to end in good order, then SIGKILL."""
    child.send_signal(signal.SIGCONT)  # a paused one could not hear it
    child.terminate()
    try:
        child.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _die_with(supervisor: int) -> "Any":
    def ask() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != supervisor:  # it died before we asked
                os._exit(1)

    return ask


def _tell(**event: object) -> None:
    with contextlib.suppress(OSError):  # the owner may be gone
        os.write(1, json.dumps(event).encode() + b"\n")


if __name__ == "__main__":
    os.umask(0o077)
    Supervisor(lock=int(sys.argv[1])).run()
