"""A service's own web interface for figures: a few documents by basic authentication, within bounds."""

import base64
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

from app.collector.probes.snmp.client import BadAnswer, NoAnswer
from app.collector.samples import Target
from app.words import tr

LARGEST_BYTES: Final = 16_000_000
_REFUSED: Final = (401, 403)


@dataclass(frozen=True, slots=True)
class Access:
    base: str
    user: str = ""
    password: str = field(default="", repr=False)
    verify: bool = False
    timeout_s: float = 5.0


class WebApi:
    """Raises NoAnswer, BadAnswer or OSError from each question; follows no redirect, which could lead elsewhere."""

    def __init__(self, session: aiohttp.ClientSession, access: Access) -> None:
        self._session = session
        self._access = access

    async def text(self, path: str, body: Mapping[str, Any] | None = None) -> str:
        """Return the document at `path`, by POST where a `body` is given."""
        method = "GET" if body is None else "POST"
        try:
            async with self._session.request(
                method, self._access.base + path, json=body, allow_redirects=False
            ) as answer:
                return await _read(answer, path)
        except (TimeoutError, aiohttp.ServerTimeoutError) as error:
            raise NoAnswer from error
        except aiohttp.ClientConnectorCertificateError as error:
            raise BadAnswer(tr("the certificate is not trusted: {reason}", reason=str(error))) from error
        except aiohttp.ClientConnectorError as error:
            raise error.os_error from error
        except aiohttp.ClientError as error:
            raise BadAnswer(tr("the answer is not a web page: {detail}", detail=str(error) or repr(error))) from error

    async def json(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Return the value that the document at `path` spells."""
        try:
            return json.loads(await self.text(path, body))
        except (ValueError, RecursionError) as error:
            raise BadAnswer(tr("the answer to {path} can't be read", path=path.partition("?")[0])) from error


@contextlib.asynccontextmanager
async def opened(access: Access) -> AsyncIterator[WebApi]:
    """Yield the service's interface; nothing is kept of it afterwards."""
    connector = aiohttp.TCPConnector(limit=4, ssl=access.verify)
    limit = aiohttp.ClientTimeout(total=access.timeout_s)
    headers = {"X-Requested-By": "Watchroom", "User-Agent": "Watchroom"}
    if access.user:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{access.user}:{access.password}".encode()).decode()
    async with aiohttp.ClientSession(
        connector=connector, timeout=limit, headers=headers, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        yield WebApi(session, access)


def access_of(target: Target, usual_port: int) -> Access:
    """Return how the target is reached by its params `scheme` (http when empty), `user` and `verify`, and its secret.

    Raises ValueError for another scheme.
    """
    scheme = target.params.get("scheme") or "http"
    if scheme not in ("http", "https"):
        raise ValueError(scheme)
    host = f"[{target.address}]" if ":" in target.address else target.address
    return Access(
        f"{scheme}://{host}:{target.port or usual_port}",
        target.params.get("user", ""),
        target.secret or "",
        verify=target.params.get("verify") == "1",
        timeout_s=max(target.timeout_s, 10.0),
    )


def number(row: Mapping[str, Any], name: str) -> float | None:
    """Return a document's figure; None where it is missing or none."""
    value = row.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


async def _read(answer: aiohttp.ClientResponse, path: str) -> str:
    if answer.status in _REFUSED:
        what = path.partition("?")[0]
        raise BadAnswer(tr("{path} is refused: user name, password or the user's role don't fit", path=what))
    if answer.status != 200:
        raise BadAnswer(tr("{path} answers with status {status}", path=path.partition("?")[0], status=answer.status))
    found = bytearray()
    async for part in answer.content.iter_any():
        found += part
        if len(found) > LARGEST_BYTES:
            raise BadAnswer(tr("the answer to {path} is too long", path=path.partition("?")[0]))
    return found.decode("utf-8", "replace")
