"""A Prometheus-compatible store that keeps the history where one machine is too small for it.

Written by remote write, read by the query API. A series there is `watchroom_<metric>{job, ci, part, unit}`; a figure
that was not available is a sample of `watchroom_<metric>_absent`, since a line that ends and a line with a hole differ.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

from app import settings
from app.desk import ReadTx
from app.errors import BadInput, WatchroomError
from app.version import VERSION
from app.words import tr

TIMEOUT_S: Final = 10.0
MARK: Final = "watchroom_sent"
"""The series whose value is the last fresh row that a store has taken; written with the samples, in one request."""

_MARK_LOOKED_BACK: Final = "30d"
_REFUSED: Final = frozenset({400, 413, 422})
_NEVER: Final = re.compile("too old sample|out of bounds|out of order|duplicate sample")
"""What Prometheus 2.39 to 2.44 says with a 500, as if it were worth trying again."""
_LONGEST_ANSWER: Final = 500
_OTHER: Final = re.compile(r"[^a-zA-Z0-9_]")
_opener = build_opener(ProxyHandler({}), HTTPSHandler())


class StoreAway(WatchroomError):
    """The history store does not answer, or not as one; `detail` says how."""

    exit_code = 3

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def sentence(self) -> str:
        return tr("The history store is out of reach: {detail}", detail=self.detail)


class NotTaken(WatchroomError):
    """The history store answers and will not take this request, however often it is sent."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def sentence(self) -> str:
        return tr("The history store refused figures, they are kept here: {detail}", detail=self.detail)


@dataclass(frozen=True, slots=True)
class Remote:
    """Where figures are written to and read from, and how long they wait here while it is away."""

    write_url: str
    read_url: str
    job: str = "watchroom"
    spool_hours: int = 6
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Place:
    """How a series is named in the store."""

    ci_id: int
    metric: str
    instance: str
    unit: str = ""

    @property
    def name(self) -> str:
        return "watchroom_" + _OTHER.sub("_", self.metric)

    def labels(self, job: str) -> dict[str, str]:
        """Return what names its samples."""
        told = {"job": job, "ci": str(self.ci_id), "part": self.instance, "unit": self.unit}
        return {"__name__": self.name, **told}

    def absent(self, job: str) -> dict[str, str]:
        """Return what names the moments without a figure."""
        return self.labels(job) | {"__name__": self.name + "_absent"}

    def selector(self, job: str, suffixes: str = "") -> str:
        """Return PromQL that selects its samples, those of names ending in `suffixes` (a pattern) with them."""
        told = {"job": job, "ci": str(self.ci_id), "part": self.instance}
        matchers = "".join(f",{name}={_quoted(value)}" for name, value in told.items())
        return f"{{__name__=~{_quoted(self.name + suffixes)}{matchers}}}"


def set_up(tx: ReadTx) -> Remote | None:
    """Return the store that people set up, None where history stays in the database.

    Raises BadInput for addresses that are none or a token file that can't be read.
    """
    write_url = str(settings.get(tx, "history.write_url")).strip()
    if not write_url:
        return None
    read_url = str(settings.get(tx, "history.read_url")).strip() or _beside(write_url)
    for name, url in (("write_url", write_url), ("read_url", read_url)):
        if not _is_address(url):
            raise BadInput(tr("This is no address of a history store: {url}", url=url), f"history.{name}")
    return Remote(
        write_url,
        read_url.rstrip("/"),
        str(settings.get(tx, "history.job")) or "watchroom",
        int(settings.get(tx, "history.spool_hours")),
        _token(str(settings.get(tx, "history.token_file"))),
    )


def write(remote: Remote, body: bytes) -> None:
    """Send one request. Raises StoreAway, to be sent again later, or NotTaken."""
    kind = {
        "Content-Type": "application/x-protobuf",
        "Content-Encoding": "snappy",
        "X-Prometheus-Remote-Write-Version": "0.1.0",
    }
    _answer(Request(remote.write_url, body, kind), remote)


def ask(remote: Remote, path: str, **parameters: object) -> Sequence[Mapping[str, Any]]:
    """Return the result of a query (`query` or `query_range`). Raises StoreAway, also for an answer that is none."""
    body = urlencode({name: str(value) for name, value in parameters.items()}).encode("ascii")
    request = Request(f"{remote.read_url}/api/v1/{path}", body, {"Content-Type": "application/x-www-form-urlencoded"})
    try:
        result = json.loads(_answer(request, remote))["data"]["result"]
        return [each for each in result if isinstance(each, dict)]
    except NotTaken as refused:
        raise StoreAway(refused.detail) from refused
    except (ValueError, KeyError, TypeError, RecursionError) as nonsense:
        raise _no_store(remote) from nonsense


def last_mark(remote: Remote) -> int:
    """Return the last fresh row that the store has taken, 0 for a store that is new. Raises StoreAway."""
    query = f"max(last_over_time({MARK}{{job={_quoted(remote.job)}}}[{_MARK_LOOKED_BACK}]))"
    found = ask(remote, "query", query=query)
    try:
        return int(float(found[0]["value"][1])) if found else 0
    except (LookupError, TypeError, ValueError, OverflowError) as nonsense:
        raise _no_store(remote) from nonsense


def _no_store(remote: Remote) -> StoreAway:
    return StoreAway(tr("{url} does not answer as Prometheus does", url=remote.read_url))


def _answer(request: Request, remote: Remote) -> bytes:
    request.add_header("User-Agent", f"watchroom/{VERSION}")
    if remote.token:
        request.add_header("Authorization", f"Bearer {remote.token}")
    try:
        with _opener.open(request, timeout=TIMEOUT_S) as answer:
            found: bytes = answer.read()
            return found
    except HTTPError as error:
        detail = f"{error.code} {_said(error)}".strip()
        is_refused = error.code in _REFUSED or (error.code == 500 and _NEVER.search(detail))
        raise (NotTaken if is_refused else StoreAway)(detail) from error
    except (OSError, HTTPException, ValueError) as error:
        raise StoreAway(str(getattr(error, "reason", "") or error)) from error


def _said(error: HTTPError) -> str:
    try:
        return error.read(_LONGEST_ANSWER).decode("utf-8", "replace").strip()
    except (OSError, HTTPException):
        return ""


def _is_address(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).hostname)
    except ValueError:
        return False


def _beside(write_url: str) -> str:
    """Return where a store like Prometheus itself is read, whose write address ends in /api/v1/write."""
    return write_url.removesuffix("/api/v1/write")


def _token(path: str) -> str:
    if not path.strip():
        return ""
    try:
        return Path(path.strip()).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = tr("The file of the history store's token can't be read: {reason}", reason=str(error))
        raise BadInput(reason, "history.token_file") from error


def _quoted(text: str) -> str:
    """Return a string of PromQL, whose escapes JSON shares."""
    return json.dumps(text, ensure_ascii=False)
