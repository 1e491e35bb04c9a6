"""Serves recorded Redfish trees over HTTP on loopback, with basic or session authentication."""

import base64
import contextlib
import functools
import json
import tarfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

Tree = Mapping[str, Any]

USER, PASSWORD, TOKEN = "watch", "Room-7-quiet", "5e55104"
_UNUSED = ("/JsonSchemas/", "/SchemaStore/", "/Registries/")


@functools.cache
def trees(archive: Path) -> dict[str, dict[str, Any]]:
    """Return the documents of every recorded tree by its name and their path."""
    found: dict[str, dict[str, Any]] = {}
    with tarfile.open(archive) as packed:
        for member in packed:
            if not member.name.endswith("/index.json") or any(part in member.name for part in _UNUSED):
                continue
            name, _, rest = member.name.partition("mockups/")[2].partition("/")
            place = "/redfish/v1/" + rest.removesuffix("index.json").rstrip("/")
            content = packed.extractfile(member)
            assert content is not None
            if rest.startswith("redfish/"):
                continue  # one tree holds a copy of itself
            found.setdefault(name, {})[place.rstrip("/")] = json.load(content)
    return found


@contextlib.asynccontextmanager
async def serving(tree: Tree, *, by_session: bool = False, has_open_root: bool = False) -> AsyncIterator[int]:
    """Serve `tree` and yield the port; a wrong password gets 401, for the root too unless that is open to all."""
    basic = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    async def answer(request: web.Request) -> web.Response:
        path = request.path.rstrip("/")
        if request.method == "POST" and path.endswith("/Sessions"):
            words = await request.json()
            if words != {"UserName": USER, "Password": PASSWORD}:
                return web.Response(status=401)
            return web.Response(status=201, headers={"X-Auth-Token": TOKEN, "Location": f"{path}/1"})
        given = request.headers.get("X-Auth-Token") if by_session else request.headers.get("Authorization")
        if given != (TOKEN if by_session else basic) and not (has_open_root and path == "/redfish/v1"):
            return web.Response(status=401)
        if request.method == "DELETE":
            return web.Response(status=204)
        found = tree.get(path)
        return web.Response(status=404) if found is None else web.json_response(found)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
