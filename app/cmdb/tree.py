"""The CMDB as a tree by place, by class and by service: one level at a time, a handful of queries for each."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from sqlalchemy import Row, func, select

from app.ci_classes import OTHER, catalogue, class_of, classes_in
from app.cmdb.places import PlaceRow, chain, every_place
from app.cmdb.queries import matching
from app.cmdb.rows import Found
from app.cmdb.service_graph import ServiceGraph, read_graph
from app.cmdb.watch import Tally, is_stale, states_of, tallies, worst
from app.desk import ReadTx
from app.pinyin import matches, search_text
from app.tree_node import NOWHERE, PLACE_ICONS, TOP, NodeKind, TreeNode, TreeView
from app.words import tr
from models.cmdb import Ci
from models.monitoring import DeviceBeat, DeviceState

FOUND_LIMIT = 300
Levels = dict[str, tuple[TreeNode, ...]]


class Tree(Protocol):
    """One view of the CMDB as it is in one transaction."""

    def levels(self, keys: Iterable[str]) -> Levels: ...

    def path(self, place_id: int | None, class_name: str, ci_id: int) -> tuple[str, ...]: ...

    def cut(self, term: str, found: Sequence[TreeNode], rows: Mapping[int, Row[Any]]) -> Levels: ...


def levels(tx: ReadTx, view: TreeView, keys: Collection[str]) -> Levels:
    """Return the nodes under each of these keys, in the tree's order; "" is the top, a key that is gone has none."""
    return _tree(tx, view).levels(keys)


def path_to(tx: ReadTx, view: TreeView, ci_id: int) -> tuple[str, ...]:
    """Return the keys that lead from the top to a configuration item; empty where this view does not show it."""
    row = tx.session.execute(
        select(Ci.id, Ci.place_id, Ci.class_name).where(Ci.id == ci_id, Ci.voided_at.is_(None))
    ).first()
    return _tree(tx, view).path(row.place_id, row.class_name, row.id) if row else ()


def find(tx: ReadTx, view: TreeView, term: str) -> Found:
    """Return the tree cut down to what `term` finds: text, pinyin, initials, address, serial number, model or code.

    Places and classes of that name are there too, with what is in them. At most FOUND_LIMIT items.
    """
    rows = tx.session.execute(
        _items().where(*matching(term)).order_by(func.length(Ci.name), Ci.name, Ci.id).limit(FOUND_LIMIT + 1)
    ).all()
    kept = {row.id: row for row in rows[:FOUND_LIMIT]}
    nodes = [_ci_node(tx, row) for row in kept.values()]
    return Found(_tree(tx, view).cut(term, nodes, kept), len(kept), len(rows) > FOUND_LIMIT)


def size(tx: ReadTx) -> int:
    """Return how many configuration items there are, void ones left out."""
    return tx.session.scalar(select(func.count()).select_from(Ci).where(Ci.voided_at.is_(None))) or 0


def _tree(tx: ReadTx, view: TreeView) -> Tree:
    kinds: dict[TreeView, type[PlaceTree | ClassTree | ServiceTree]] = {
        TreeView.PLACE: PlaceTree,
        TreeView.CLASS: ClassTree,
        TreeView.SERVICE: ServiceTree,
    }
    return kinds[view](tx)


class PlaceTree:
    """Site, room, row, rack and what is in them; what has no place stands at the end."""

    def __init__(self, tx: ReadTx) -> None:
        self._tx = tx
        self._places = every_place(tx)
        self._tallies: dict[int | None, Tally] = {}
        self._inside: dict[int | None, list[PlaceRow]] = {}
        for place in self._places.values():
            self._inside.setdefault(place.parent_id, []).append(place)

    def levels(self, keys: Iterable[str]) -> Levels:
        wanted = {key: _id(key) for key in keys if key in (TOP, NOWHERE) or _id(key) in self._places}
        self._count()
        items = _ci_nodes(self._tx, Ci.place_id, [i for i in wanted.values() if i is not None])
        found: Levels = {}
        for key, place_id in wanted.items():
            if key == TOP:
                found[key] = self._top()
            elif key == NOWHERE:
                found[key] = tuple(_ci_nodes_nowhere(self._tx))
            else:
                places = [self._node(place) for place in self._inside.get(place_id, ())]
                found[key] = (*places, *items.get(place_id, ()))
        return found

    def path(self, place_id: int | None, class_name: str, ci_id: int) -> tuple[str, ...]:
        if place_id is None:
            return (NOWHERE, _key(NodeKind.CI, ci_id))
        return (*(_key(NodeKind.PLACE, p.id) for p in chain(self._places, place_id)), _key(NodeKind.CI, ci_id))

    def cut(self, term: str, found: Sequence[TreeNode], rows: Mapping[int, Row[Any]]) -> Levels:
        self._count()
        tree = _Cut()
        for node in found:
            above = chain(self._places, rows[node.id].place_id)
            tree.hang([self._node(place) for place in above] or [self._nowhere()], node)
        for place in self._places.values():
            if matches(term, place.search):
                above = chain(self._places, place.id)
                tree.hang([self._node(each) for each in above[:-1]], self._node(place))
        return tree.levels()

    def _top(self) -> tuple[TreeNode, ...]:
        nodes = [self._node(place) for place in self._inside.get(None, ())]
        if self._tallies.get(None, Tally()).count:
            nodes.append(self._nowhere())
        return tuple(nodes)

    def _nowhere(self) -> TreeNode:
        tally = self._tallies.get(None, Tally())
        return TreeNode(
            NOWHERE,
            NodeKind.NOWHERE,
            tr("Without a place"),
            0,
            "help-circle",
            tally.count,
            tally.state,
            tally.is_stale,
            True,
        )

    def _node(self, place: PlaceRow) -> TreeNode:
        tally = self._tallies.get(place.id, Tally())
        return TreeNode(
            key=_key(NodeKind.PLACE, place.id),
            kind=NodeKind.PLACE,
            title=place.name,
            id=place.id,
            icon=PLACE_ICONS[place.kind],
            count=tally.count,
            state=tally.state,
            is_stale=tally.is_stale,
            has_children=bool(tally.count or self._inside.get(place.id)),
            place_kind=place.kind,
        )

    def _count(self) -> None:
        """Add each place's own tally to everything around it."""
        own = tallies(self._tx, Ci.place_id.expression)
        self._tallies = {None: own[None]}
        for place_id in self._places:
            for around in chain(self._places, place_id):
                self._tallies.setdefault(around.id, Tally()).add(own[place_id])


class ClassTree:
    """Groups of the board, the classes in them, and their items."""

    def __init__(self, tx: ReadTx) -> None:
        self._tx = tx
        self._own = tallies(tx, Ci.class_name.expression)

    def levels(self, keys: Iterable[str]) -> Levels:
        wanted = list(keys)
        names = {name for key in wanted for kind, name in (_split(key),) if kind == NodeKind.CLASS}
        items = _ci_nodes(self._tx, Ci.class_name, _with_strangers(self._own.by_key, names))
        found: Levels = {}
        for key in wanted:
            kind, name = _split(key)
            if key == TOP:
                found[key] = tuple(n for g in catalogue().groups if (n := self._group(g)).count)
            elif kind == NodeKind.GROUP:
                found[key] = tuple(n for c in classes_in(name) if (n := self._class(c.name)).count)
            elif kind == NodeKind.CLASS:
                names_of_class = _with_strangers(self._own.by_key, {name})
                found[key] = tuple(node for each in names_of_class for node in items.get(each, ()))
        return found

    def path(self, place_id: int | None, class_name: str, ci_id: int) -> tuple[str, ...]:
        kind = class_of(class_name)
        return (
            _key(NodeKind.GROUP, kind.group),
            _key(NodeKind.CLASS, kind.name),
            _key(NodeKind.CI, ci_id),
        )

    def cut(self, term: str, found: Sequence[TreeNode], rows: Mapping[int, Row[Any]]) -> Levels:
        tree = _Cut()
        for node in found:
            kind = class_of(rows[node.id].class_name)
            tree.hang([self._group(kind.group), self._class(kind.name)], node)
        for kind in catalogue().classes.values():
            node = self._class(kind.name)
            if node.count and matches(term, search_text(kind.label)):
                tree.hang([self._group(kind.group)], node)
        return tree.levels()

    def _class(self, name: str) -> TreeNode:
        kind, tally = class_of(name), Tally()
        for stored in _with_strangers(self._own.by_key, {name}):
            tally.add(self._own[stored])
        return TreeNode(
            _key(NodeKind.CLASS, name),
            NodeKind.CLASS,
            kind.label,
            0,
            kind.icon,
            tally.count,
            tally.state,
            tally.is_stale,
            True,
        )

    def _group(self, name: str) -> TreeNode:
        tally = Tally()
        for kind in classes_in(name):
            node = self._class(kind.name)
            tally.add(Tally(node.count, node.state, node.is_stale))
        label = catalogue().groups[name].label
        return TreeNode(
            _key(NodeKind.GROUP, name),
            NodeKind.GROUP,
            label,
            0,
            "file-tree",
            tally.count,
            tally.state,
            tally.is_stale,
            True,
        )


class ServiceTree:
    """Business services, their parts, and what these run and depend on."""

    def __init__(self, tx: ReadTx) -> None:
        self._tx = tx
        self._graph: ServiceGraph = read_graph(tx)

    def levels(self, keys: Iterable[str]) -> Levels:
        wanted = list(keys)
        shown = {key: self._graph.services if key == TOP else self._graph.children(_id(key) or 0) for key in wanted}
        nodes = self._nodes({ci for ids in shown.values() for ci in ids})
        return {
            key: tuple(sorted((nodes[i] for i in ids if i in nodes), key=lambda node: node.title))
            for key, ids in shown.items()
        }

    def path(self, place_id: int | None, class_name: str, ci_id: int) -> tuple[str, ...]:
        return tuple(_key(NodeKind.CI, each) for each in self._graph.path(ci_id))

    def cut(self, term: str, found: Sequence[TreeNode], rows: Mapping[int, Row[Any]]) -> Levels:
        useful = self._graph.leading_to({node.id for node in found})
        nodes = self._nodes(useful)
        cut: Levels = {TOP: tuple(nodes[i] for i in self._graph.services if i in useful)}
        for ci_id in useful:
            below = tuple(nodes[i] for i in self._graph.children(ci_id) if i in useful)
            if below:
                cut[_key(NodeKind.CI, ci_id)] = below
        return cut

    def _nodes(self, ids: Collection[int]) -> dict[int, TreeNode]:
        found = _ci_nodes(self._tx, Ci.id, list(ids))
        nodes = {node.id: node for group in found.values() for node in group}
        services = {ci_id: self._graph.below(ci_id) for ci_id in nodes if ci_id in self._graph.services}
        states = states_of(self._tx, {each for below in services.values() for each in below})
        for ci_id, node in nodes.items():
            node = replace(node, has_children=bool(self._graph.children(ci_id)))
            for each in services.get(ci_id, ()):
                tally = states.get(each, Tally())
                node = replace(node, state=worst(node.state, tally.state), is_stale=node.is_stale or tally.is_stale)
            nodes[ci_id] = replace(node, count=len(services[ci_id])) if ci_id in services else node
        return nodes


class _Cut:
    """A tree put together from what was found; a node on the way counts only what was found under it."""

    def __init__(self) -> None:
        self._below: dict[str, dict[str, TreeNode]] = {TOP: {}}
        self._found: dict[str, dict[str, Tally]] = {}

    def hang(self, above: Sequence[TreeNode], node: TreeNode) -> None:
        parent = TOP
        for step in above:
            self._below.setdefault(parent, {}).setdefault(step.key, step)
            if node.kind is NodeKind.CI:
                self._found.setdefault(step.key, {})[node.key] = Tally(1, node.state, node.is_stale)
            parent = step.key
        self._below.setdefault(parent, {}).setdefault(node.key, node)

    def levels(self) -> Levels:
        return {key: tuple(map(self._counted, nodes.values())) for key, nodes in self._below.items()}

    def _counted(self, node: TreeNode) -> TreeNode:
        found = self._found.get(node.key)
        if not found:
            return node
        total = Tally()
        for tally in found.values():
            total.add(tally)
        return replace(node, count=total.count, state=total.state, is_stale=total.is_stale)


def _items() -> Any:
    return (
        select(
            Ci.id,
            Ci.name,
            Ci.class_name,
            Ci.place_id,
            Ci.u_bottom,
            DeviceState.state,
            DeviceBeat.checked_at,
            DeviceState.interval_s,
        )
        .outerjoin(DeviceState, DeviceState.ci_id == Ci.id)
        .outerjoin(DeviceBeat, DeviceBeat.ci_id == Ci.id)
        .where(Ci.voided_at.is_(None))
    )


def _ci_nodes(tx: ReadTx, column: Any, values: Sequence[Any]) -> dict[Any, list[TreeNode]]:
    """Return the items whose `column` is one of `values`, by that value; in a rack the highest first."""
    nodes: dict[Any, list[TreeNode]] = {}
    for start in range(0, len(values), 500):
        query = _items().add_columns(column.label("under")).where(column.in_(values[start : start + 500]))
        for row in tx.session.execute(query.order_by(func.coalesce(-Ci.u_bottom, 0.0), Ci.name, Ci.id)):
            nodes.setdefault(row.under, []).append(_ci_node(tx, row))
    return nodes


def _ci_nodes_nowhere(tx: ReadTx) -> list[TreeNode]:
    rows = tx.session.execute(_items().where(Ci.place_id.is_(None)).order_by(Ci.name, Ci.id))
    return [_ci_node(tx, row) for row in rows]


def _ci_node(tx: ReadTx, row: Row[Any]) -> TreeNode:
    return TreeNode(
        key=_key(NodeKind.CI, row.id),
        kind=NodeKind.CI,
        title=row.name,
        id=row.id,
        icon=class_of(row.class_name).icon,
        state=row.state,
        is_stale=is_stale(tx, row.checked_at, row.interval_s),
        u_bottom=row.u_bottom,
    )


def _with_strangers(stored: Collection[Any], names: set[str]) -> list[str]:
    """Return the stored names of these classes; a class that this program does not know counts as OTHER."""
    known = catalogue().classes
    strangers = sorted(name for name in stored if name not in known) if OTHER in names else []
    return [*sorted(names), *strangers]


def _key(kind: NodeKind, name: int | str) -> str:
    return f"{kind.value}:{name}"


def _split(key: str) -> tuple[str, str]:
    kind, _, name = key.partition(":")
    return kind, name


def _id(key: str) -> int | None:
    name = _split(key)[1]
    return int(name) if name.isdigit() else None
