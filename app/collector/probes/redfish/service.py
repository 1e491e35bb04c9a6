"""A Redfish service: its documents, read side by side within bounds."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

from app.collector.probes.snmp.client import BadAnswer, NoAnswer
from app.words import tr

Document = Mapping[str, Any]

ROOT: Final = "/redfish/v1/"
MOST_DOCUMENTS: Final = 6_000
LARGEST_BYTES: Final = 4_000_000
AT_ONCE: Final = 8
_SESSIONS: Final = "/redfish/v1/SessionService/Sessions"
_REFUSED: Final = (401, 403)


@dataclass(frozen=True, slots=True)
class Access:
    """How to be let in: by a session of the service when `by_session`, by basic authentication otherwise."""

    base: str
    user: str = ""
    password: str = field(default="", repr=False)
    by_session: bool = False
    verify: bool = False
    timeout_s: float = 5.0


class Service:
    """The documents of one service; a document that can't be read is told in `troubles` and counts as empty.

    Links lead to documents of the same service only, never to another host.
    """

    def __init__(self, session: aiohttp.ClientSession, access: Access) -> None:
        self._session = session
        self._access = access
        self._room = asyncio.Semaphore(AT_ONCE)
        self._asked = 0
        self.troubles: list[str] = []

    async def root(self) -> Document:
        """Return the service's root. Raises NoAnswer, BadAnswer."""
        try:
            status, found = await self._get(ROOT)
        except (TimeoutError, aiohttp.ServerTimeoutError) as error:
            raise NoAnswer from error
        except aiohttp.ClientConnectorCertificateError as error:
            raise BadAnswer(tr("the certificate is not trusted: {reason}", reason=str(error))) from error
        except aiohttp.ClientConnectorError as error:
            raise error.os_error from error
        except aiohttp.ClientError as error:
            raise BadAnswer(tr("this is no Redfish service: {detail}", detail=str(error))) from error
        if status in _REFUSED:
            raise BadAnswer(tr("user name or password are refused"))
        if status != 200 or not found:
            raise BadAnswer(tr("this is no Redfish service: {detail}", detail=status))
        return found

    async def document(self, link: object) -> Document:
        """Return the document that `link` ({"@odata.id": …}) names, empty when there is none."""
        path = link.get("@odata.id") if isinstance(link, Mapping) else None
        if not isinstance(path, str) or not path.startswith(("/redfish/v1/", "/redfish/v1#")):
            return {}
        if self._asked >= MOST_DOCUMENTS:
            self._note(tr("more than {n} documents: the rest was left unread", n=MOST_DOCUMENTS))
            return {}
        self._asked += 1
        try:
            async with self._room:
                status, found = await self._get(path.partition("#")[0])
        except (aiohttp.ClientError, OSError) as error:  # OSError includes TimeoutError
            self._note(f"{path}: {str(error) or type(error).__name__}")
            return {}
        if status in _REFUSED:
            raise BadAnswer(tr("user name or password are refused"))
        if status != 200:
            self._note(f"{path}: {status}")
        return found if status == 200 else {}

    async def documents(self, links: Iterable[object]) -> list[Document]:
        """Return the documents behind `links` in their order, without the empty ones."""
        found = await asyncio.gather(*(self.document(link) for link in links))
        return [one for one in found if one]

    async def members(self, link: object) -> list[Document]:
        """Return the members of the collection that `link` names, page after page."""
        members: list[Document] = []
        seen: set[str] = set()
        while isinstance(link, Mapping) and (path := str(link.get("@odata.id"))) not in seen:
            seen.add(path)
            collection = await self.document(link)
            members += await self.documents(listed(collection, "Members"))
            link = {"@odata.id": collection.get("Members@odata.nextLink")}
        return members

    async def _get(self, path: str) -> tuple[int, Document]:
        async with self._session.get(self._access.base + path, allow_redirects=False) as answer:
            if answer.status in (301, 302, 307, 308):  # the root without its last stroke, and the like
                return await self._moved(answer.headers.get("Location", ""))
            return answer.status, await object_of(answer)

    async def _moved(self, place: str) -> tuple[int, Document]:
        path = place.removeprefix(self._access.base)
        if not path.startswith("/redfish/"):
            return 404, {}
        async with self._session.get(self._access.base + path, allow_redirects=False) as answer:
            return answer.status, await object_of(answer)

    def _note(self, trouble: str) -> None:
        if trouble not in self.troubles:
            self.troubles.append(trouble)


@contextlib.asynccontextmanager
async def opened(access: Access) -> AsyncIterator[Service]:
    """Yield the service; a session that was opened at it is ended afterwards. Raises BadAnswer when it refuses."""
    connector = aiohttp.TCPConnector(limit=AT_ONCE, ssl=access.verify)
    limit = aiohttp.ClientTimeout(total=access.timeout_s)
    headers = {"Accept": "application/json", "OData-Version": "4.0"}
    if access.user and not access.by_session:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{access.user}:{access.password}".encode()).decode()
    async with aiohttp.ClientSession(
        connector=connector, timeout=limit, headers=headers, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        place = await _sign_in(session, access) if access.by_session else ""
        try:
            yield Service(session, access)
        finally:
            if place:
                with contextlib.suppress(aiohttp.ClientError, OSError):
                    await session.delete(place)


async def _sign_in(session: aiohttp.ClientSession, access: Access) -> str:
    """Open a session at the service, use its token from now on, and return the session's own address."""
    words = {"UserName": access.user, "Password": access.password}
    try:
        async with session.post(access.base + _SESSIONS, json=words) as answer:
            token, place = answer.headers.get("X-Auth-Token", ""), answer.headers.get("Location", "")
    except TimeoutError as error:
        raise NoAnswer from error
    except aiohttp.ClientConnectorError as error:
        raise error.os_error from error
    except aiohttp.ClientError as error:
        raise BadAnswer(tr("this is no Redfish service: {detail}", detail=str(error))) from error
    if not token:
        raise BadAnswer(tr("user name or password are refused"))
    session.headers["X-Auth-Token"] = token
    path = place.removeprefix(access.base)
    return access.base + path if path.startswith("/redfish/") else ""


async def object_of(answer: aiohttp.ClientResponse, most_bytes: int = LARGEST_BYTES) -> Document:
    """Return the answer's object; one that is no object, too long or not JSON is empty."""
    body = b""
    async for part in answer.content.iter_any():
        body += part
        if len(body) > most_bytes:
            return {}
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def listed(document: Document, name: str) -> list[Document]:
    """Return the objects of a list, whatever else a device put into it."""
    found = document.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def inner(document: Document, *names: str) -> Document:
    """Return the object found by following `names`, empty when there is none."""
    for name in names:
        found = document.get(name)
        if not isinstance(found, Mapping):
            return {}
        document = found
    return document


def words(document: Document, *names: str) -> str:
    """Return the first text among `names`, "" when there is none."""
    for name in names:
        found = document.get(name)
        if isinstance(found, str) and found.strip():
            return found.strip()
    return ""


def figure(document: Document, *names: str) -> float | None:
    """Return the first number among `names`; text, true and false are none."""
    for name in names:
        found = document.get(name)
        if isinstance(found, int | float) and not isinstance(found, bool):
            return float(found)
    return None
