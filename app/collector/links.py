"""Keeps what devices last said of their neighbours, for the collector's batch."""

from collections.abc import Iterable
from dataclasses import astuple

from app.collector.samples import Outcome
from app.desk import Tx
from models.network import Neighbours


def keep_neighbours(tx: Tx, outcomes: Iterable[Outcome]) -> None:
    """Store the neighbours of those devices that were read anew, one row a device."""
    told = {outcome.ci_id: outcome.links for outcome in outcomes if outcome.links is not None}
    for ci_id, links in told.items():
        listed = [list(astuple(link)) for link in links]
        row = tx.session.get(Neighbours, ci_id)
        if row is None:
            tx.session.add(Neighbours(ci_id=ci_id, links=listed, read_at=tx.now))
        else:
            row.links, row.read_at = listed, tx.now
    if told:
        tx.session.flush()
