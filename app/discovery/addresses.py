"""Which addresses are meant: subnets, ranges, single ones, from a text or from a sheet."""

import re
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

from app.errors import BadInput
from app.sheets import as_text, read_rows
from app.text import clean
from app.words import tr

AT_MOST = 65_536
"""Addresses of one search: a /16."""
TEXT_LIMIT = 1_500_000

_PARTS = re.compile(r"[\s,;，；、]+")
_NUMERIC = re.compile(r"[0-9A-Fa-f:.]+(?:[/-][0-9A-Fa-f:.]+)?")


def addresses_in(text: str) -> list[str]:
    """Return the addresses that a text names, each once, in its order.

    A word is an address, a subnet ("192.0.2.0/24", without its own and its broadcast address) or a range
    ("192.0.2.10-20", "192.0.2.10-192.0.3.5"). Raises BadInput for a word that is none of them, for none at all,
    and for more than AT_MOST.
    """
    words = [word for word in _PARTS.split(clean(text, TEXT_LIMIT)) if word]
    if not words:
        raise BadInput(tr("Name a subnet or addresses, for example 192.0.2.0/24."), "addresses")
    return _collected(address for word in words for address in _meant(word))


def read_addresses(path: Path) -> list[str]:
    """Return the addresses, subnets and ranges that stand in a sheet's cells, each once; other cells are passed over.

    Raises BadInput when there are none or too many, and what `read_rows` raises.
    """
    return _collected(_in_cells(path))


def _in_cells(path: Path) -> Iterator[str]:
    for row in read_rows(path):
        for cell in row:
            word = as_text(cell).strip()
            if _NUMERIC.fullmatch(word) and ("." in word or ":" in word):
                try:
                    yield from _meant(word)
                except BadInput:
                    continue


def _collected(found: Iterable[str]) -> list[str]:
    addresses: dict[str, None] = {}
    for address in found:
        addresses[address] = None
        if len(addresses) > AT_MOST:
            raise BadInput(
                tr("These are more than {n} addresses. Search a part of them.", n=f"{AT_MOST:,}"), "addresses"
            )
    if not addresses:
        raise BadInput(tr("There is no address in it."), "addresses")
    return list(addresses)


def _meant(word: str) -> Iterator[str]:
    try:
        if "/" in word:
            yield from _of_subnet(word)
        elif "-" in word:
            yield from _of_range(*word.split("-", 1))
        else:
            yield str(ip_address(word))
    except ValueError as error:
        raise BadInput(tr("“{word}” is no address, subnet or range.", word=word[:60]), "addresses") from error


def _of_subnet(word: str) -> Iterator[str]:
    subnet = ip_network(word, strict=False)
    if subnet.num_addresses > AT_MOST:
        raise BadInput(tr("{subnet} is larger than a /16. Search a part of it.", subnet=word), "addresses")
    yield from map(str, subnet.hosts())


def _of_range(first_text: str, last_text: str) -> Iterator[str]:
    """Yield the addresses from the first to the last, of which the last may be its own end only ("10-20")."""
    first = ip_address(first_text)
    if last_text.isdigit():
        last_text = first_text.rpartition(".")[0] + "." + last_text
    last = ip_address(last_text)
    if first.version != last.version or int(last) < int(first):
        raise ValueError(last_text)
    if int(last) - int(first) >= AT_MOST:
        raise BadInput(tr("{subnet} is larger than a /16. Search a part of it.", subnet=str(first)), "addresses")
    kind: type[IPv4Address] | type[IPv6Address] = type(first)
    yield from (str(kind(number)) for number in range(int(first), int(last) + 1))
