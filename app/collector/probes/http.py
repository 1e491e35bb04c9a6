"""Web pages: status, expected text, time, and how many days the certificate is still good."""

import asyncio
import contextlib
import ssl
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import aiohttp
from cryptography import x509

from app.collector.samples import Metric, Outcome, Sample, Target
from app.text import clean_line, decode
from app.words import tr

BODY_LIMIT = 1_000_000
_AGENT = "Watchroom"


class _Page(NamedTuple):
    status: int
    body: bytes
    took_ms: float
    certificate: bytes | None


class HttpProbe:
    """Params of a target: `url` (else made of address and port), `text` that the page must contain, `status`
    that it must answer with (any below 400 when empty), `verify` ("0" leaves the certificate's chain alone).

    A certificate that is not trusted is a finding with the page's figures, never a crash.
    """

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, target: Target) -> Outcome:
        url = target.params.get("url") or _url(target)
        try:
            async with asyncio.timeout(target.timeout_s):
                page, distrust = await self._fetch(url, target.params.get("verify", "1") != "0")
        except TimeoutError:
            trouble = tr("The page did not come in {n} s", n=round(target.timeout_s))
            return _failed(target, trouble, is_reachable=False)
        except aiohttp.ClientConnectorDNSError:
            return _failed(target, tr("The name {name} has no address", name=url), is_reachable=True)
        except aiohttp.ClientConnectorError as problem:
            if isinstance(problem.os_error, ConnectionRefusedError):
                return _finding(target, tr("Port {port} is closed", port=problem.port or ""))
            return _failed(target, str(problem.os_error), is_reachable=False)
        except (aiohttp.InvalidURL, ValueError):
            return _failed(target, tr("“{url}” is not a web address", url=url), is_reachable=True)
        except (aiohttp.ClientError, OSError) as problem:
            trouble = tr("The answer is not a web page: {problem}", problem=str(problem) or repr(problem))
            return _finding(target, trouble)
        return _judge(target, page, distrust)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _fetch(self, url: str, verify: bool) -> tuple[_Page, str]:
        """Return the page and why its certificate is not trusted, "" when it is."""
        if not verify:
            return await self._get(url, False), ""
        try:
            return await self._get(url, True), ""
        except aiohttp.ClientConnectorCertificateError as problem:
            return await self._get(url, False), _distrust(problem.certificate_error)

    async def _get(self, url: str, verify: bool) -> _Page:
        session = self._open_session()
        began = time.perf_counter()
        async with session.get(url, ssl=verify, allow_redirects=True, max_redirects=5) as answer:
            body = await answer.content.read(BODY_LIMIT) if answer.content else b""
            while len(body) < BODY_LIMIT and (more := await answer.content.read(BODY_LIMIT - len(body))):
                body += more
            took_ms = (time.perf_counter() - began) * 1000
        is_secure, host, port = answer.url.scheme == "https", answer.url.host, answer.url.port
        certificate = await _certificate(host, port) if is_secure and host else None
        return _Page(answer.status, body, took_ms, certificate)

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            # A connection kept alive would hide a service that takes no new ones, cookies would make pages differ.
            connector = aiohttp.TCPConnector(limit=0, force_close=True)
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": _AGENT, "Accept-Encoding": "identity"},
                auto_decompress=False,
                trust_env=False,
            )
        return self._session


def _url(target: Target) -> str:
    scheme = target.params.get("scheme") or ("https" if target.port in (443, 8443) else "http")
    host = f"[{target.address}]" if ":" in target.address else target.address
    port = f":{target.port}" if target.port else ""
    return f"{scheme}://{host}{port}{target.params.get('path') or '/'}"


async def _certificate(host: str, port: int | None) -> bytes | None:
    """Return the server's certificate by a handshake of its own.

    The page's connection is gone once a short body has been read.
    """
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
    except OSError:
        return None
    tls: ssl.SSLObject = writer.get_extra_info("ssl_object")
    writer.transport.abort()
    return tls.getpeercert(binary_form=True)


def _judge(target: Target, page: _Page, distrust: str) -> Outcome:
    samples = [
        Sample(Metric.HTTP_STATUS, float(page.status), ""),
        Sample(Metric.HTTP_TIME_MS, page.took_ms, "ms"),
    ]
    facts: dict[str, str] = {}
    if page.certificate is not None:
        samples.extend(_certificate_days(page.certificate, facts))
    trouble = _trouble(target.params, page) or distrust
    return Outcome(
        target.check_id,
        target.ci_id,
        datetime.now(UTC),
        True,
        page.took_ms,
        tuple(samples),
        facts,
        clean_line(trouble),
    )


def _certificate_days(certificate: bytes, facts: dict[str, str]) -> list[Sample]:
    """Return the days left, negative once it is over; a certificate that can't be read gives none."""
    with contextlib.suppress(ValueError):
        read = x509.load_der_x509_certificate(certificate)
        left = (read.not_valid_after_utc - datetime.now(UTC)).total_seconds() / 86_400
        facts["certificate"] = clean_line(read.subject.rfc4514_string())
        facts["certificate_until"] = read.not_valid_after_utc.isoformat()
        return [Sample(Metric.HTTP_CERTIFICATE_DAYS, left, "d")]
    return []


def _trouble(params: Mapping[str, str], page: _Page) -> str:
    wanted = str(params.get("status") or "")
    if (wanted and str(page.status) != wanted) or (not wanted and page.status >= 400):
        return tr("The page answers with status {status}", status=page.status)
    text = params.get("text") or ""
    if text and text.encode() not in page.body and text not in decode(page.body):
        return tr("The page lacks the text “{text}”", text=clean_line(text, 80))
    return ""


def _distrust(problem: Exception) -> str:
    reason = problem.verify_message if isinstance(problem, ssl.SSLCertVerificationError) else str(problem)
    return tr("The certificate is not trusted: {reason}", reason=reason)


def _finding(target: Target, trouble: str) -> Outcome:
    at = datetime.now(UTC)
    return Outcome(target.check_id, target.ci_id, at, True, trouble=clean_line(trouble))


def _failed(target: Target, trouble: str, is_reachable: bool) -> Outcome:
    return Outcome(
        target.check_id,
        target.ci_id,
        datetime.now(UTC),
        False,
        trouble=clean_line(trouble),
        is_reachable=is_reachable,
    )
