"""What never becomes a request: headers without an end, and bytes that are no HTTP."""

from typing import Final

import pytest

from tests.support.log_line import finished
from tests.support.problem import assert_problem
from tests.support.raw_http import send
from tests.support.service import RunningService

CHUNK: Final = b"x" * 16 * 1024
UNREADABLE: Final = [
    b"garbage\r\n\r\n",
    b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nbroken header\r\n\r\n",
    b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
]


async def test_headers_without_an_end_are_cut_off(service: RunningService) -> None:
    answer = await send(service, b"GET /livez HTTP/1.1\r\nHost: x\r\nX: ", *[CHUNK] * 32)

    assert_problem(answer, 431, "HEADERS_TOO_LARGE")
    assert answer.headers["Connection"] == "close"
    assert (await finished(service, answer))["code"] == "HEADERS_TOO_LARGE"


@pytest.mark.parametrize("sent", UNREADABLE, ids=range(len(UNREADABLE)))
async def test_what_cannot_be_read_is_answered_like_all_else(service: RunningService, sent: bytes) -> None:
    answer = await send(service, sent)

    problem = assert_problem(answer, 400, "MALFORMED_REQUEST")
    assert problem["instance"] == ""
    assert answer.headers["Connection"] == "close"
    assert (await finished(service, answer))["code"] == "MALFORMED_REQUEST"
