"""Our end of the supervisor: commands to it, and what it tells of the components."""

import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self

from devcluster import _supervisor
from devcluster.errors import SupervisorLostError

_ANSWER_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 4 * _supervisor.GRACE_SECONDS
_INHERITED: Final = ("PATH", "HOME", "TMPDIR", "TZ", "LANG")

Order = Literal["stop", "pause", "resume"]


class CommandFailedError(Exception):
    """The supervisor could not do what it was told."""

    def __init__(self, reason: str = "the supervisor does not answer") -> None:
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Ended:
    """A component that ended by itself."""

    component: str
    status: int


class Supervision:
    """A supervisor that lives as long as we do, or until `end`."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        """Take over a supervisor that was started by `begin`."""
        self._process = process
        self._unread = b""
        self._lost = False
        self._talking = threading.Lock()  # a thread may watch for failure while another gives orders
        self.ended: Ended | None = None

    @classmethod
    def begin(cls, lock: int, log: Path) -> Self:
        """Start a supervisor.

        Args:
            lock: the descriptor that holds the data directory; the supervisor keeps a copy.
            log: where a traceback of the supervisor would go.
        """
        # By its path and isolated: nothing but the standard library is imported. A small environment: variables such as
        # ETCD_NAME would configure the components.
        log.touch(mode=0o600)
        with log.open("ab") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", _supervisor.__file__, str(lock)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env={name: os.environ[name] for name in _INHERITED if name in os.environ},
                pass_fds=(lock,),
                start_new_session=True,
            )
        return cls(process)

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        return self._process.pid

    def start(self, component: str, argv: Sequence[str], log: Path) -> int:
        """Start a component, and return its process id.

        Raises:
            CommandFailedError: it cannot be executed, or there is no supervisor any more.
        """
        answer = self._ask({"do": "start", "component": component, "argv": list(argv), "log": str(log)})
        return int(answer["pid"])

    def tell(self, do: Order, component: str) -> None:
        """Have a component stopped, paused or resumed.

        Raises:
            CommandFailedError: no such component was started, or there is no supervisor any more.
        """
        self._ask({"do": do, "component": component})

    def poll(self) -> Ended | SupervisorLostError | None:
        """What has gone wrong so far, if anything; does not wait."""
        with self._talking:
            while not self._lost and self._readable(0):
                self._receive()
        if self.ended is not None:
            return self.ended
        return SupervisorLostError(self._process.poll()) if self._lost else None

    def end(self) -> None:
        """Stop all components, then the supervisor, and wait until they are gone."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()  # and the kernel kills the components
            self._process.wait()

    def _ask(self, command: dict[str, object]) -> dict[str, Any]:
        with self._talking:
            with suppress(BrokenPipeError):  # the end of its answers then tells that it is gone
                os.write(self._descriptor(self._process.stdin), json.dumps(command).encode() + b"\n")
            return self._answer()

    def _answer(self) -> dict[str, Any]:
        deadline = time.monotonic() + _ANSWER_SECONDS
        while not self._lost and self._readable(deadline - time.monotonic()):
            for event in self._receive():
                if "failed" in event:
                    raise CommandFailedError(event["failed"])
                if "did" in event:
                    return event
        raise CommandFailedError

    def _receive(self) -> list[dict[str, Any]]:
        received = os.read(self._descriptor(self._process.stdout), 65536)
        self._lost = not received
        *lines, self._unread = (self._unread + received).split(b"\n")
        events = [json.loads(line) for line in lines]
        for event in events:
            if "ended" in event and self.ended is None:  # the first to end is the cause; others may follow from it
                self.ended = Ended(event["component"], event["ended"])
        return events

    def _readable(self, seconds: float) -> bool:
        answers = select.poll()  # unlike `select`, it knows descriptors beyond 1,023
        answers.register(self._descriptor(self._process.stdout), select.POLLIN)
        return bool(answers.poll(max(seconds, 0) * 1000))

    @staticmethod
    def _descriptor(pipe: Any) -> int:
        return int(pipe.fileno())
