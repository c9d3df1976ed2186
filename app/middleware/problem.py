"""Where errors end: whatever is raised further in becomes a problem document here, and nothing is raised further out.

Starlette would answer by itself outside of all middleware (no request id), and raise the error once more for the
server to log, text and all.
"""

import structlog
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain.errors import AppError, BodyTimeoutError
from app.logs import error_fields
from app.problems import internal_problem, problem_response

_log = structlog.get_logger("app.request")


class Problems:
    """Answers errors of the middleware, and those that nobody foresaw: these leave their kind and place in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, and answer what it raises, unless its answer is under way already."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watched_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched_send)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001  (the edge: what nobody foresaw ends here)
            if started or not isinstance(error, AppError):
                _log.error("request.failed", request_id=scope["state"]["trace"].request_id, **error_fields(error))
            if not started:
                await _answer(error, scope)(scope, receive, send)


def _answer(error: Exception, scope: Scope) -> Response:
    if not isinstance(error, AppError):
        return internal_problem(scope)
    response = problem_response(error, scope)
    if isinstance(error, BodyTimeoutError):
        response.headers["Connection"] = "close"  # what is still to come of the body is not waited for
    return response
