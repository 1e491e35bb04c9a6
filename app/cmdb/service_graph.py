"""What a business service is made of: its parts, and what these run and depend on, as a graph in memory."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.ci_classes import SERVICE
from app.desk import ReadTx
from models.cmdb import Ci, Relation
from models.enums import RelationKind

SHOWN = (RelationKind.PART_OF, RelationKind.RUNS_ON, RelationKind.DEPENDS_ON)


@dataclass(frozen=True, slots=True)
class ServiceGraph:
    """Business services by name, and what stands under each configuration item."""

    services: tuple[int, ...]
    under: Mapping[int, tuple[int, ...]]

    def children(self, ci_id: int) -> tuple[int, ...]:
        return self.under.get(ci_id, ())

    def below(self, ci_id: int) -> set[int]:
        """Return everything under a configuration item, however deep, without itself."""
        seen: set[int] = set()
        waiting = list(self.children(ci_id))
        while waiting:
            each = waiting.pop()
            if each not in seen:
                seen.add(each)
                waiting += self.children(each)
        return seen - {ci_id}

    def leading_to(self, goals: Collection[int]) -> set[int]:
        """Return the goals that a service leads to, and everything on the way."""
        above: dict[int, list[int]] = {}
        for parent, children in self.under.items():
            for child in children:
                above.setdefault(child, []).append(parent)
        reaching: set[int] = set()
        waiting = list(goals)
        while waiting:
            each = waiting.pop()
            if each not in reaching:
                reaching.add(each)
                waiting += above.get(each, ())
        from_services = set(self.services).union(*(self.below(service) for service in self.services))
        return reaching & from_services

    def path(self, goal: int) -> tuple[int, ...]:
        """Return the shortest way from a service to a configuration item; empty when none leads there."""
        ways: list[tuple[int, ...]] = [(service,) for service in self.services]
        seen = set(self.services)
        for way in ways:
            if way[-1] == goal:
                return way
            for child in self.children(way[-1]):
                if child not in seen:
                    seen.add(child)
                    ways.append((*way, child))
        return ()


def read_graph(tx: ReadTx) -> ServiceGraph:
    """Return the graph of all relations in force, in two queries."""
    services = tx.session.scalars(
        select(Ci.id).where(Ci.class_name == SERVICE, Ci.voided_at.is_(None)).order_by(Ci.name, Ci.id)
    ).all()
    source, target = aliased(Ci), aliased(Ci)
    edges = tx.session.execute(
        select(Relation.kind, Relation.source_id, Relation.target_id)
        .join(source, source.id == Relation.source_id)
        .join(target, target.id == Relation.target_id)
        .where(
            Relation.kind.in_(SHOWN),
            Relation.ended_at.is_(None),
            source.voided_at.is_(None),
            target.voided_at.is_(None),
        )
    )
    under: dict[int, dict[int, None]] = {}
    for kind, source_id, target_id in edges:
        parent, child = (target_id, source_id) if kind is RelationKind.PART_OF else (source_id, target_id)
        under.setdefault(parent, {})[child] = None
    return ServiceGraph(tuple(services), {parent: tuple(children) for parent, children in under.items()})
