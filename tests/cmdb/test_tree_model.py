"""The tree's item model keeps Qt's contract through every change, and the view keeps its place."""

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, QPersistentModelIndex
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from app.tree_node import NodeKind, TreeNode
from models.enums import State
from ui.docks.cmdb_model import TOP, TreeModel

FAIL = QAbstractItemModelTester.FailureReportingMode.Fatal
POOLS = {"": "abcd", "a": "efgh", "b": "efgh", "e": "ijkl", "f": "ijkl"}


@st.composite
def some_levels(draw: st.DrawFn) -> dict[str, list[str]]:
    """Some levels of a tree, their nodes in any order."""
    keys = draw(st.lists(st.sampled_from(sorted(POOLS)), unique=True, min_size=1))
    return {key: draw(st.lists(st.sampled_from(POOLS[key]), unique=True)) for key in keys}


def node(key: str, state: State | None = None, count: int = 1) -> TreeNode:
    return TreeNode(key, NodeKind.PLACE, key.upper(), state=state, count=count, has_children=True)


def level(keys: Sequence[str]) -> tuple[TreeNode, ...]:
    return tuple(map(node, keys))


@pytest.fixture
def model(qapp: QApplication) -> TreeModel:
    made = TreeModel()
    QAbstractItemModelTester(made, FAIL, made)
    return made


def titles(model: TreeModel, parent: QModelIndex | None = None) -> list[str]:
    parent = parent or QModelIndex()
    return [model.index(row, 0, parent).data() for row in range(model.rowCount(parent))]


def test_a_branch_asks_for_its_level_once(qapp: QApplication) -> None:
    model = TreeModel()
    asked: list[str] = []
    model.wanted.connect(asked.append)
    model.reset_to({TOP: level("ab")})
    first = model.index(0, 0)
    assert model.canFetchMore(first)
    model.fetchMore(first)
    model.fetchMore(first)
    assert asked == ["a"]
    model.merge({"a": level("cd")})
    assert titles(model, first) == ["C", "D"]
    assert not model.canFetchMore(first)


def test_a_level_that_did_not_come_can_be_asked_for_again(qapp: QApplication) -> None:
    model = TreeModel()
    model.reset_to({TOP: level("a")})
    model.fetchMore(model.index(0, 0))
    model.give_up("a")
    assert model.canFetchMore(model.index(0, 0))


def test_a_merge_keeps_places_and_tells_only_of_what_differs(model: TreeModel) -> None:
    model.reset_to({TOP: level("abc"), "b": level("de")})
    held = QPersistentModelIndex(model.find(("b", "e")))
    told: list[str] = []
    model.dataChanged.connect(lambda index, *_: told.append(index.data()))
    changed = node("e", State.CRITICAL)
    model.merge({TOP: (node("x"), node("c"), node("b")), "b": (changed, node("f"), node("d"))})
    assert titles(model) == ["X", "C", "B"]
    assert titles(model, model.find(("b",))) == ["E", "F", "D"]
    assert held.isValid() and held.data() == "E"
    assert told == ["E"]


def test_a_removed_branch_takes_its_indexes_with_it(model: TreeModel) -> None:
    model.reset_to({TOP: level("ab"), "a": level("c")})
    held = QPersistentModelIndex(model.find(("a", "c")))
    model.merge({TOP: level("b")})
    assert not held.isValid()
    assert "a" not in model.loaded_keys()


def test_what_depends_on_itself_does_not_grow_without_end(model: TreeModel) -> None:
    model.reset_to({TOP: level("a"), "a": level("b"), "b": level("a")})
    assert titles(model, model.find(("a", "b"))) == ["A"]
    assert model.rowCount(model.find(("a", "b", "a"))) == 0


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(some_levels(), min_size=1, max_size=5))
def test_any_order_of_merges_ends_in_the_last_state(model: TreeModel, states: list[dict[str, list[str]]]) -> None:
    model.reset_to({TOP: level("abc"), "a": level("ef")})
    for state in states:
        levels = {key: level(keys) for key, keys in state.items()}
        model.merge(levels)
        if TOP in levels:
            assert titles(model) == [key.upper() for key in state[TOP]]
        for index in list(model.loaded()):
            key = model.path(index)[-1]
            if key in state:
                assert titles(model, index) == [each.upper() for each in state[key]]
