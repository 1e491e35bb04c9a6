"""Keeps what devices last said of their neighbours, for the collector's batch.

A neighbour behind a port that is down is kept: the protocols forget it just when its cable is what somebody looks for.
"""

from collections.abc import Iterable, Iterator
from dataclasses import astuple
from typing import Any

from app.collector.samples import Metric, Outcome
from app.desk import Tx
from models.network import Neighbours


def keep_neighbours(tx: Tx, outcomes: Iterable[Outcome]) -> None:
    """Store the neighbours of those devices that were read anew, one row a device."""
    told = {outcome.ci_id: outcome for outcome in outcomes if outcome.links is not None}
    for ci_id, outcome in told.items():
        listed = [list(astuple(link)) for link in outcome.links or ()]
        row = tx.session.get(Neighbours, ci_id)
        if row is not None:
            listed += _behind_ports_down(row.links, outcome)
        if row is None:
            tx.session.add(Neighbours(ci_id=ci_id, links=listed, read_at=tx.now))
        else:
            row.links, row.read_at = listed, tx.now
    if told:
        tx.session.flush()


def _behind_ports_down(before: Iterable[list[Any]], outcome: Outcome) -> Iterator[list[Any]]:
    """Yield the known neighbours that are not told any more, of ports that are down."""
    down = {one.instance for one in outcome.samples if one.metric == Metric.IF_UP and one.value == 0}
    down -= {link.port for link in outcome.links or ()}
    return (link for link in before if link[0] in down)
