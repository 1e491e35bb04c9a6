"""Relations and history of one configuration item, as the tabs of its form."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.ci_classes import class_of
from app.times import moment
from app.words import label, tr
from ui.context import Context
from ui.docks import cmdb_forms as forms
from ui.subjects import cmdb
from ui.table import Column, Table

if TYPE_CHECKING:
    from app.cmdb.rows import RelationRow


class Relations(QWidget):
    """What a configuration item runs on, depends on, connects to; ended relations are dimmed."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._ci_id = 0
        columns = [
            Column("kind", tr("Kind", context="ci"), _direction, 180),
            Column("other", tr("Configuration item"), lambda row: row.other_name, 220),
            Column("class", tr("Class", context="ci"), lambda row: class_of(row.other_class).label, 120),
            Column("note", tr("Note", context="ci"), lambda row: row.note, 200, stretch=True),
            Column("ended", tr("Ended"), lambda row: moment(row.ended_at) if row.ended_at else "", 130, drops=1),
        ]
        self.table = Table("ci-relations", columns, context, is_dim=lambda row: row.ended_at is not None, parent=self)
        self.table.empty.say(tr("No relation is recorded."), tr("Add relation…"), self._add)
        self.table.activated_row.connect(lambda row: context.nav.open("ci", row.other_id))
        self.table.current_row_changed.connect(self._show_step)
        self.add_button = QPushButton(tr("Add relation…"), self)
        self.add_button.clicked.connect(self._add)
        self.end_button = QPushButton(tr("End the relation"), self)
        self.end_button.setEnabled(False)
        self.end_button.clicked.connect(self._end)
        bar = QHBoxLayout()
        bar.setContentsMargins(12, 8, 12, 4)
        bar.addWidget(self.add_button)
        bar.addWidget(self.end_button)
        bar.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(bar)
        layout.addWidget(self.table, 1)

    def load(self, ci_id: int) -> None:
        self._ci_id = ci_id
        self.table.fill(cmdb.relations, ci_id)

    def _add(self) -> None:
        forms.relate(self._context, self.window(), self._ci_id)

    def _end(self) -> None:
        row = self.table.current_row
        if row is not None:
            self._context.work.do(cmdb.end_relation, row.id, owner=self)

    def _show_step(self, row: "RelationRow | None") -> None:
        self.end_button.setEnabled(row is not None and row.ended_at is None)


class History(QWidget):
    """Who changed which field when, from what to what."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        columns = [
            Column("at", tr("When"), lambda row: moment(row.at), 130),
            Column("who", tr("Who", context="history"), lambda row: row.who, 110),
            Column("field", tr("Field"), lambda row: row.field, 130),
            Column("old", tr("Old value"), lambda row: row.old, 200),
            Column("new", tr("New value"), lambda row: row.new, 200, stretch=True),
            Column("reason", tr("Reason", context="history"), lambda row: row.reason, 140, drops=2),
        ]
        self.table = Table("ci-history", columns, context, parent=self)
        self.table.empty.say(tr("Nothing was changed yet."))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table)

    def load(self, ci_id: int) -> None:
        self.table.fill(cmdb.history, ci_id)


def _direction(row: "RelationRow") -> str:
    kind = label(row.kind)
    return kind if row.is_outgoing else tr("{kind} (the other way)", kind=kind)
