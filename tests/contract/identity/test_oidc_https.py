"""Documents of a provider over TLS, from servers that mean well, and from those that do not."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from app.identity.oidc_discovery import ProviderError
from app.identity.oidc_https import MAX_BYTES, HttpsDocuments
from tests.support.oidc import Certificates, Page, Site, answer, new_site, serving

PAGE = b'{"a": 1}'


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates.made_in(tmp_path_factory.mktemp("tls"))


@pytest_asyncio.fixture
async def site(certificates: Certificates) -> AsyncIterator[Site]:
    async with serving(new_site(), certificates) as site:
        yield site


async def fetched(site: Site, page: Page, ca_file: Path | None, seconds: float = 5) -> bytes:
    site.pages["/page"] = page
    return await HttpsDocuments(ca_file, seconds).get(f"{site.url}/page")


async def refusal(site: Site, page: Page, ca_file: Path | None, seconds: float = 5) -> str:
    with pytest.raises(ProviderError) as caught:
        await fetched(site, page, ca_file, seconds)
    return str(caught.value)


async def test_a_document_is_fetched_over_verified_tls(site: Site, certificates: Certificates) -> None:
    assert await fetched(site, PAGE, certificates.ca_file) == PAGE


async def test_a_certificate_that_the_authorities_do_not_vouch_for_is_refused(
    site: Site, certificates: Certificates
) -> None:
    assert await refusal(site, PAGE, None) == "no connection, or no answer in HTTP"
    assert site.asked == []


async def test_a_certificate_of_another_host_is_refused(site: Site, certificates: Certificates) -> None:
    with pytest.raises(ProviderError, match="no connection"):
        await HttpsDocuments(certificates.ca_file).get(site.url.replace("127.0.0.1", "localhost") + "/page")
    assert site.asked == []


async def test_nobody_there_is_no_document(certificates: Certificates) -> None:
    assert await refusal(new_site(), PAGE, certificates.ca_file) == "no connection, or no answer in HTTP"


async def test_authorities_that_cannot_be_read_are_told_of(
    site: Site, certificates: Certificates, tmp_path: Path
) -> None:
    garbage = tmp_path / "ca.pem"
    garbage.write_bytes(b"\xffno certificate")
    for path in (garbage, tmp_path / "gone.pem", certificates.key):
        assert await refusal(site, PAGE, path) == "the file with the authorities cannot be read"


async def test_a_redirect_is_not_followed(site: Site, certificates: Certificates) -> None:
    site.pages["/elsewhere"] = PAGE
    moved = answer(b"", "302 Found", {"Location": f"{site.url}/elsewhere"})
    assert await refusal(site, raw(moved), certificates.ca_file) == "an answer other than 200"
    assert site.asked == ["/page"]


@pytest.mark.parametrize("status", ["201 Created", "404 Not Found", "500 Oops", "503 Later"])
async def test_another_status_is_no_document(site: Site, certificates: Certificates, status: str) -> None:
    assert await refusal(site, raw(answer(PAGE, status)), certificates.ca_file) == "an answer other than 200"


async def test_a_document_of_the_very_limit_is_read(site: Site, certificates: Certificates) -> None:
    assert len(await fetched(site, b" " * MAX_BYTES, certificates.ca_file)) == MAX_BYTES


@pytest.mark.parametrize("size", [MAX_BYTES + 1, 10 * MAX_BYTES])
async def test_a_document_over_the_limit_is_refused(site: Site, certificates: Certificates, size: int) -> None:
    assert await refusal(site, b" " * size, certificates.ca_file) == "a document is too large"


async def test_a_document_without_an_end_is_refused(site: Site, certificates: Certificates) -> None:
    async def on_and_on(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(1000):
            writer.write(b" " * 16384)
            await writer.drain()
            await asyncio.sleep(0.001)

    assert await refusal(site, on_and_on, certificates.ca_file) == "a document is too large"


async def test_a_document_that_comes_in_drops_is_given_up(site: Site, certificates: Certificates) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    started = time.monotonic()
    assert await refusal(site, drip, certificates.ca_file, seconds=0.5) == "too slow"
    assert time.monotonic() - started < 3


async def test_silence_is_given_up(site: Site, certificates: Certificates) -> None:
    async def silence(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(1)

    assert await refusal(site, silence, certificates.ca_file, seconds=0.3) == "too slow"


async def test_what_is_compressed_though_nobody_asked_is_left_as_it_is(site: Site, certificates: Certificates) -> None:
    bomb = gzip.compress(b" " * 100 * MAX_BYTES)
    page = raw(answer(bomb, headers={"Content-Encoding": "gzip"}))
    assert await fetched(site, page, certificates.ca_file) == bomb


@pytest.mark.parametrize(
    "head", [b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 2000 OK\r\n\r\n", b""], ids=["ssh", "status", "none"]
)
async def test_what_is_no_http_is_no_document(site: Site, certificates: Certificates, head: bytes) -> None:
    assert await refusal(site, raw(head), certificates.ca_file) == "no connection, or no answer in HTTP"


async def test_a_document_that_breaks_off_is_none(site: Site, certificates: Certificates) -> None:
    page = raw(answer(PAGE)[:-1])
    assert await refusal(site, page, certificates.ca_file) == "no connection, or no answer in HTTP"


async def test_proxies_of_the_environment_are_not_used(
    site: Site, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert await fetched(site, PAGE, certificates.ca_file) == PAGE


def raw(text: bytes) -> Page:
    """A page that is just these bytes on the line."""

    async def put(writer: asyncio.StreamWriter) -> None:
        writer.write(text)

    return put
