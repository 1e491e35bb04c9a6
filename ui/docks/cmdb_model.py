"""The item model of the CMDB tree: levels come when a branch is opened and are changed in place ever after."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app.words import label, tr

if TYPE_CHECKING:
    from app.tree_node import TreeNode

AnyIndex = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
NODE = Qt.ItemDataRole.UserRole
TOP = ""
Levels = Mapping[str, Sequence["TreeNode"]]
Path = tuple[str, ...]


@dataclass(slots=True, eq=False)
class Branch:
    """A node in its place. `is_loaded` once its children are known, `is_asked` while they are on their way."""

    number: int
    node: "TreeNode | None"
    parent: "Branch | None"
    row: int = 0
    children: list["Branch"] = field(default_factory=list)
    is_loaded: bool = False
    is_asked: bool = False

    @property
    def key(self) -> str:
        return self.node.key if self.node else TOP

    @property
    def path(self) -> Path:
        return (*self.parent.path, self.key) if self.parent else ()

    def number_rows(self) -> None:
        for row, child in enumerate(self.children):
            child.row = row


class TreeModel(QAbstractItemModel):
    """Nodes by levels. `wanted` asks for the level under a key; `merge` takes it, and every later state of it."""

    wanted = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._numbers = count(1)
        self._top = Branch(0, None, None)
        self._branches: dict[int, Branch] = {}

    def index(self, row: int, column: int, parent: AnyIndex = NOWHERE) -> QModelIndex:
        children = self._branch(parent).children
        if column != 0 or not 0 <= row < len(children):
            return QModelIndex()
        return self.createIndex(row, 0, children[row].number)

    def parent(self, index: AnyIndex) -> QModelIndex:  # type: ignore[override]  # QObject.parent has no argument
        branch = self._branches.get(index.internalId()) if index.isValid() else None
        return self.place(branch.parent) if branch and branch.parent else QModelIndex()

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        return len(self._branch(parent).children) if parent.column() <= 0 else 0

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 1

    def hasChildren(self, parent: AnyIndex = NOWHERE) -> bool:
        branch = self._branch(parent)
        if branch.is_loaded or branch.node is None:
            return bool(branch.children)
        return branch.node.has_children

    def canFetchMore(self, parent: AnyIndex) -> bool:
        branch = self._branch(parent)
        return bool(branch.node and branch.node.has_children and not branch.is_loaded and not branch.is_asked)

    def fetchMore(self, parent: AnyIndex) -> None:
        branch = self._branch(parent)
        if self.canFetchMore(parent):
            branch.is_asked = True
            self.wanted.emit(branch.key)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        branch = self._branches.get(index.internalId()) if index.isValid() else None
        node = branch.node if branch else None
        if node is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return node.title
        if role == NODE:
            return node
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return said(node)
        return None

    def reset_to(self, levels: Levels) -> None:
        """Show another tree: what `levels` holds from the top down; deeper levels come when they are wanted."""
        self.beginResetModel()
        self._branches.clear()
        self._top = Branch(0, None, None)
        self._fill(self._top, levels)
        self.endResetModel()

    def merge(self, levels: Levels) -> None:
        """Bring every loaded or asked branch into the state that `levels` gives it; what is the same is not touched."""
        for branch in list(self._walk(self._top)):
            if branch.key in levels and (branch.is_loaded or branch.is_asked) and self._is_there(branch):
                self._merge(branch, levels)

    def take(self, index: AnyIndex, nodes: Sequence["TreeNode"]) -> None:
        """Bring one branch into this state, whether it was asked for or not."""
        branch = self._branch(index)
        self._merge(branch, {branch.key: nodes})

    def give_up(self, key: str) -> None:
        """Let the level under a key be asked for again, since its answer did not come."""
        for branch in self._walk(self._top):
            if branch.key == key:
                branch.is_asked = False

    def first_rack(self) -> int | None:
        """Return the id of the first rack that is shown, None while none is."""
        nodes = (branch.node for branch in self._walk(self._top))
        return next((node.id for node in nodes if node is not None and node.place_kind == "rack"), None)

    def loaded_keys(self) -> list[str]:
        """Return the keys whose levels are shown, the top's too."""
        return list(dict.fromkeys(b.key for b in self._walk(self._top) if b.is_loaded or b.is_asked))

    def node(self, index: AnyIndex) -> "TreeNode | None":
        return self._branch(index).node

    def path(self, index: AnyIndex) -> Path:
        """Return the keys from the top to an index."""
        return self._branch(index).path

    def find(self, path: Path) -> QModelIndex:
        """Return the index of a path, as far as it is loaded to its end; else an invalid one."""
        branch = self._top
        for key in path:
            found = next((child for child in branch.children if child.key == key), None)
            if found is None:
                return QModelIndex()
            branch = found
        return self.place(branch)

    def place(self, branch: Branch) -> QModelIndex:
        return QModelIndex() if branch.node is None else self.createIndex(branch.row, 0, branch.number)

    def loaded(self) -> Iterator[QModelIndex]:
        """Yield the index of each branch whose children are there."""
        for branch in self._walk(self._top):
            if branch.is_loaded and branch.node is not None:
                yield self.place(branch)

    def _branch(self, index: AnyIndex) -> Branch:
        if not index.isValid():
            return self._top
        return self._branches.get(index.internalId(), self._top)

    def _is_there(self, branch: Branch) -> bool:
        return branch is self._top or branch.number in self._branches

    def _walk(self, branch: Branch) -> Iterator[Branch]:
        yield branch
        for child in list(branch.children):
            yield from self._walk(child)

    def _grown(self, node: "TreeNode", parent: Branch) -> Branch:
        branch = Branch(next(self._numbers), node, parent)
        self._branches[branch.number] = branch
        return branch

    def _fill(self, branch: Branch, levels: Levels) -> None:
        """Give a branch that no view has seen yet its children, and these theirs, as far as the levels go.

        A key that stands above itself (services that depend on each other) is left to be opened by hand.
        """
        if branch.key not in levels or branch.key in branch.path[:-1]:
            return
        branch.children = [self._grown(node, branch) for node in levels[branch.key]]
        branch.is_loaded = True
        branch.number_rows()
        for child in branch.children:
            self._fill(child, levels)

    def _merge(self, branch: Branch, levels: Levels) -> None:
        nodes = {node.key: node for node in levels[branch.key]}
        branch.is_asked, branch.is_loaded = False, True
        if [child.key for child in branch.children] != list(nodes):
            self._cut(branch, [child for child in branch.children if child.key not in nodes])
            present = {child.key for child in branch.children}
            self._reorder(branch, [key for key in nodes if key in present])
            self._insert(branch, nodes, levels)
        turned = [child for child in branch.children if child.node != nodes[child.key]]
        for child in turned:
            child.node = nodes[child.key]
        if turned:
            self.dataChanged.emit(self.place(turned[0]), self.place(turned[-1]))

    def _cut(self, branch: Branch, gone: Sequence[Branch]) -> None:
        for child in reversed(gone):
            self.beginRemoveRows(self.place(branch), child.row, child.row)
            del branch.children[child.row]
            branch.number_rows()
            for each in self._walk(child):
                del self._branches[each.number]
            self.endRemoveRows()

    def _insert(self, branch: Branch, nodes: Mapping[str, "TreeNode"], levels: Levels) -> None:
        """Insert what is new, in runs, each at the place that the order of `nodes` gives it."""
        at, run = 0, list[Branch]()
        for key, node in [*nodes.items(), (TOP, None)]:
            is_old = at < len(branch.children) and branch.children[at].key == key
            if run and (is_old or node is None):
                self.beginInsertRows(self.place(branch), at, at + len(run) - 1)
                branch.children[at:at] = run
                branch.number_rows()
                for each in run:
                    self._fill(each, levels)
                self.endInsertRows()
                at, run = at + len(run), []
            if is_old:
                at += 1
            elif node is not None:
                run.append(self._grown(node, branch))

    def _reorder(self, branch: Branch, order: Sequence[str]) -> None:
        """Bring the children into `order`, which names each of them; persistent indexes follow their rows."""
        if [child.key for child in branch.children] == list(order):
            return
        self.layoutAboutToBeChanged.emit()
        old = [index for index in self.persistentIndexList() if self._parent_of(index) is branch]
        held = [self._branches[index.internalId()] for index in old]
        places = {key: place for place, key in enumerate(order)}
        branch.children.sort(key=lambda child: places[child.key])
        branch.number_rows()
        self.changePersistentIndexList(old, [self.place(each) for each in held])
        self.layoutChanged.emit()

    def _parent_of(self, index: AnyIndex) -> Branch | None:
        branch = self._branches.get(index.internalId())
        return branch.parent if branch else None


def said(node: "TreeNode") -> str:
    """Return a node in words, as it is read aloud and shown in its tooltip."""
    parts = [node.title]
    if node.state is not None:
        parts.append(label(node.state))
    if node.is_stale:
        parts.append(tr("data is old"))
    if node.count:
        parts.append(tr("{n} configuration items", n=node.count))
    if node.u_bottom is not None:
        parts.append(f"{node.u_bottom:g}U")
    return " · ".join(parts)
