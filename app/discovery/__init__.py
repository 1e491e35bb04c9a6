"""Finding devices: a subnet or a list of addresses is swept, what answers is named; a person says what is added."""

from app.discovery.adding import Choice, add, known_at
from app.discovery.addresses import AT_MOST, addresses_in, read_addresses
from app.discovery.knocking import PORTS
from app.discovery.proposing import propose_class
from app.discovery.sweep import Found, Search, sweep

__all__ = [
    "AT_MOST",
    "PORTS",
    "Choice",
    "Found",
    "Search",
    "add",
    "addresses_in",
    "known_at",
    "propose_class",
    "read_addresses",
    "sweep",
]
