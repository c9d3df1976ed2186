"""What `secretspace dev` cannot do; each words itself, for the person at the terminal."""

from pathlib import Path


class DevError(Exception):
    """The development service cannot run; the text says why and what helps."""


class OlderKubernetesError(DevError):
    """The data is that of a newer Kubernetes."""

    def __init__(self, folder: Path, known: str, asked: str) -> None:
        super().__init__(
            f"{folder} was last used by Kubernetes {known}, and {asked} may not be able to read it: "
            f"remove that folder to start anew, or ask for {known}."
        )


class NoFreePortError(DevError):
    """None of the ports that were tried is free."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__(f"No port from {first} to {last} is free on 127.0.0.1: choose another with --port.")


class NotReadyError(DevError):
    """Something that the API server does by itself has not happened."""

    def __init__(self, what: str, seconds: float) -> None:
        super().__init__(f"{what} is not ready after {seconds:.0f} s.")
