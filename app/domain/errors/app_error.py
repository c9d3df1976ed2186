"""What every error of ours is."""

from typing import ClassVar


class AppError(Exception):
    """Anything Secretspace refuses or cannot do; `code` is stable and part of the API."""

    code: ClassVar[str]
