"""The inspector: whatever is selected anywhere, with all that belongs to it."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.words import tr
from ui.context import Context
from ui.dock import Dock
from ui.docks import inspector_words as words
from ui.docks.inspector_parts import Fact, Facts
from ui.empty import Empty
from ui.labels import PlainLabel
from ui.live import Changed
from ui.presence import PresenceLine
from ui.subjects import inspector

if TYPE_CHECKING:
    from ui.docks.inspector_ci import CiView

CI = "ci"


class Sort(NamedTuple):
    """How a kind of thing is read and told: its query, table, title, facts, and whether they name private people."""

    query: Callable[..., Any]
    table: str
    title: Callable[[Any], str]
    facts: Callable[[Any], Sequence[Fact]]
    page: str = ""
    is_private: bool = False


class FactView(QScrollArea):
    """An incident, a visit or a backup run in short, with the way to its page."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._page, self._key = "", 0
        body = QWidget(self)
        self.title = PlainLabel("", "title", body, wraps=True)
        self.title.setContentsMargins(12, 10, 12, 2)
        self.facts = Facts(body)
        self.open_button = QPushButton(tr("Open", context="verb"), body)
        self.open_button.clicked.connect(lambda _on=False: context.nav.open(self._page, self._key))
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 12)
        layout.addWidget(self.title)
        layout.addWidget(self.facts)
        layout.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        self.setWidgetResizable(True)
        self.setWidget(body)
        for each in (self.viewport(), body):
            each.setAutoFillBackground(False)

    def show_facts(self, title: str, facts: Sequence[Fact], page: str, key: int) -> None:
        """Show a title over facts; with a page, a button that opens it."""
        self._page, self._key = page, key
        self.title.setText(title)
        self.facts.show_facts(facts)
        self.open_button.setVisible(bool(page))


class InspectorDock(Dock):
    """Follows `nav.selected`; Space puts the keyboard into it."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("inspector", tr("Details", context="dock"), context, parent)
        self._kind = ""
        self._key: object = None
        self._sorts = _sorts()
        self._is_private_hidden = False
        self._nothing = QWidget(self)
        self._why = Empty(self._nothing)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._nothing)
        self.presence = PresenceLine(context, self)
        self.body.addWidget(self.presence)
        self.body.addWidget(self._stack)
        self._why.say(tr("Nothing is selected. Choose a device, an incident, a visit or a backup run."))
        self._why.show()
        self.back = self.bar.add_icon_button("chevron-left", tr("Back"), context.nav.back)
        self.forward = self.bar.add_icon_button("chevron-right", tr("Forward"), context.nav.forward)
        context.nav.selected.connect(self.select)
        context.nav.moved.connect(self._show_ways)
        context.live.changed.connect(self._follow)
        context.live.reset.connect(self.refresh)
        self._show_ways()

    @cached_property
    def ci(self) -> "CiView":
        """A configuration item with all that belongs to it; made for the first one, after the window has painted."""
        from ui.docks.inspector_ci import CiView

        view = CiView(self.context, self)
        view.told.connect(self._name_ci)
        view.unread.connect(self.say_unread)
        view.hide_private(self._is_private_hidden)
        self._stack.addWidget(view)
        return view

    @cached_property
    def short(self) -> FactView:
        """Any other thing in short."""
        view = FactView(self.context, self)
        self._stack.addWidget(view)
        return view

    def select(self, kind: str, key: object) -> None:
        """Show one thing; kinds that the inspector does not know leave it as it is."""
        if not isinstance(key, int) or (kind != CI and kind not in self._sorts):
            return
        self._kind, self._key = kind, key
        self.say_read()
        self.presence.follow(CI if kind == CI else self._sorts[kind].table, key)
        if kind == CI:
            self._stack.setCurrentWidget(self.ci)
            self.ci.show_ci(key)
        self.refresh()

    def refresh(self) -> None:
        if self._kind == CI:
            self.ci.refresh()
        elif self._kind:
            sort, key = self._sorts[self._kind], self._key
            self.context.work.read(
                sort.query, key, done=lambda row: self._show_short(sort, key, row), failed=self.say_unread, owner=self
            )

    def hide_private(self, is_hidden: bool) -> None:
        """Hide or show what names visitors and callers (the idle lock)."""
        self._is_private_hidden = is_hidden
        if "ci" in self.__dict__:
            self.ci.hide_private(is_hidden)
        self.refresh()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._why.place()

    def _show_short(self, sort: Sort, key: object, row: Any) -> None:
        if key != self._key or not isinstance(key, int):
            return
        self.say_read()
        is_hidden = sort.is_private and self._is_private_hidden
        facts = [Fact("", tr("Hidden while this seat is locked."))] if is_hidden else sort.facts(row)
        self.short.show_facts(sort.title(row), facts, sort.page, key)
        self.set_count("")
        self._stack.setCurrentWidget(self.short)

    def _name_ci(self, name: str) -> None:
        """Name the device in the bar, unless something else was selected before its sheet came."""
        if self._kind == CI:
            self.say_read()
            self.set_count(name)

    def _follow(self, changed: Changed) -> None:
        sort = self._sorts.get(self._kind)
        if sort is not None and self._key in changed.of(sort.table):
            self.refresh()

    def _show_ways(self) -> None:
        self.back.setEnabled(self.context.nav.can_go_back)
        self.forward.setEnabled(self.context.nav.can_go_forward)


def _sorts() -> dict[str, Sort]:
    """Return the kinds besides configuration items."""
    return {
        "incident": Sort(
            inspector.incident,
            "incident",
            lambda found: f"{found.row.number}  {found.row.title}",
            words.incident_facts,
            page="incident",
            is_private=True,
        ),
        "visit": Sort(inspector.visit, "visit", lambda found: found.row.number, words.visit_facts, is_private=True),
        "work_order": Sort(
            inspector.work_order, "work_order", lambda row: f"{row.number}  {row.title}", words.order_facts
        ),
        "backup_run": Sort(inspector.backup_run, "backup_run", lambda row: row.plan or row.job, words.run_facts),
    }
