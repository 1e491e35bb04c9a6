"""The webhooks of other monitors: a token, a size, a shape, then the spool, and only then the answer."""

import asyncio
import hashlib
import ssl
from collections.abc import Callable, Container

from aiohttp import web

from app.collector.intake import webhooks
from app.collector.intake.receivers import Inbox
from app.collector.intake.spool import WEBHOOK
from app.words import tr

MOST_BYTES = 1_000_000
BODY_WITHIN_S = 20.0


class Hooks:
    """Answers POST /hooks/SYSTEM, and /api/v2/alerts to Prometheus itself; `tokens` gives the digests that may."""

    def __init__(self, inbox: Inbox, tokens: Callable[[], Container[str]]) -> None:
        self._inbox, self._tokens = inbox, tokens
        self._runner: web.AppRunner | None = None

    async def open(self, address: str, port: int, certificate: str = "", key: str = "") -> None:
        """Listen. Raises OSError where that can't be, ssl.SSLError for a certificate that is none."""
        secure = None
        if certificate:
            secure = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            secure.load_cert_chain(certificate, key or None, password=_no_password)
        app = web.Application(client_max_size=MOST_BYTES)
        app.router.add_post("/hooks/{system}", self._named)
        app.router.add_post("/api/v2/alerts", self._prometheus)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=2.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, address, port, ssl_context=secure).start()

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _named(self, request: web.Request) -> web.Response:
        system = request.match_info["system"]
        return await self._take(request, system) if system in webhooks.SYSTEMS else _says(404, "no such system")

    async def _prometheus(self, request: web.Request) -> web.Response:
        return await self._take(request, "prometheus")

    async def _take(self, request: web.Request, system: str) -> web.Response:
        refusal = self._refused(request)
        if refusal is not None:
            return refusal
        try:
            async with asyncio.timeout(BODY_WITHIN_S):
                body = await request.read()
            webhooks.parse(system, body)
        except TimeoutError:
            return _says(408, "the body did not come")
        except webhooks.BadPayload as error:
            return _says(400, str(error))
        sender = request.remote or "?"
        if self._inbox.keep(WEBHOOK, sender, system.encode() + b"\n" + body) and await self._inbox.settle():
            return _says(200, "kept")
        return _says(503, "not kept, try again")

    def _refused(self, request: web.Request) -> web.Response | None:
        """Return the answer to who may not send, before anything of the body is read."""
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        token = token.strip() if kind.lower() == "bearer" else request.headers.get("X-Token", "")
        if not token:
            return web.json_response({"says": "token required"}, status=401, headers={"WWW-Authenticate": "Bearer"})
        if hashlib.sha256(token.encode("utf-8", "replace")).hexdigest() not in self._tokens():
            return _says(403, "unknown token")
        return None if self._inbox.admits(request.remote or "?") else _says(429, "too many messages")


def _no_password() -> str:
    """Refuse a key under a password: OpenSSL would ask for it on a terminal that nobody watches."""
    raise ssl.SSLError(tr("the key is kept under a password"))


def _says(status: int, words: str) -> web.Response:
    return web.json_response({"says": words}, status=status)
