"""The limits tab: what is normal at each item, as shipped and as the site has it."""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.errors import BadInput
from app.template_items import Limits, Range
from app.words import tr
from ui.context import Context
from ui.editing import Again
from ui.fields import Field
from ui.filters import FilterBox
from ui.forms import Form
from ui.labels import PlainLabel
from ui.rows import Call, Column, Look, Tinted
from ui.subjects import inspections
from ui.table import Table

if TYPE_CHECKING:
    from app.inspections.limits import LimitRow


class LimitsTab(QWidget):
    """Items that have ranges; Enter changes one for the rounds that begin from then on."""

    failed = Signal(object)

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self.table = Table("inspection-limits", _columns(), context, parent=self)
        self.filter = FilterBox(tr("Form, item"), self)
        note = tr("A changed limit holds for rounds that begin from then on; rounds on record keep theirs.")
        tools = QHBoxLayout()
        tools.setContentsMargins(10, 6, 10, 6)
        tools.addWidget(PlainLabel(note, "secondary", self, wraps=True), 1)
        tools.addWidget(self.filter)
        for text, call in ((tr("Shipped limits"), self._restore), (tr("Edit…"), self._ask)):
            button = QPushButton(text, self)
            button.clicked.connect(lambda _on=False, call=call: call())
            tools.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(tools)
        layout.addWidget(self.table, 1)
        self.filter.typed.connect(self.table.set_filter)
        self.table.activated_row.connect(lambda _row: self._ask())

    def refresh(self) -> None:
        self.table.fill(inspections.limit_rows)

    def _ask(self) -> None:
        row: LimitRow | None = self.table.current_row
        if row is None:
            return
        title = f"{row.template_title}: {row.title}"
        form = Form(title, _fields(row), self._context, self, note=tr("Shipped: {limits}", limits=row.shipped))
        if row.version:
            again = Again(Call(inspections.limit_rows), partial(_kept_fields, row))
            form.edits("template_change", 0, row.version, again)
        form.run(lambda values: _call(row, form.version if row.version else 0, values)).saved.connect(
            lambda _none: self.refresh()
        )

    def _restore(self) -> None:
        row: LimitRow | None = self.table.current_row
        if row is not None and row.is_changed:
            self._context.work.do(
                inspections.restore_limits,
                row.template,
                row.item,
                row.version,
                done=lambda _none: self.refresh(),
                failed=self.failed.emit,
                owner=self,
            )


def _fields(row: "LimitRow") -> list[Field]:
    fields = []
    for at, limits in enumerate(row.limits.ranges, 1):
        unit = row.units[at - 1] if at <= len(row.units) else ""
        number = f" {at}" if len(row.limits.ranges) > 1 else ""
        for key, title, value in (
            ("low", tr("Lower limit{number} {unit}", number=number, unit=unit), limits.low),
            ("high", tr("Upper limit{number} {unit}", number=number, unit=unit), limits.high),
        ):
            text = "" if value is None else f"{value:g}"
            fields.append(Field(f"{key}_{at}", title.strip(), initial=text, hint=tr("no limit"), wide=False))
    return fields


def _kept_fields(row: "LimitRow", rows: "Iterable[LimitRow]") -> list[Field]:
    """Return the fields of the same item as it is now."""
    return next((_fields(kept) for kept in rows if (kept.template, kept.item) == (row.template, row.item)), [])


def _call(row: "LimitRow", version: int, values: dict[str, Any]) -> Call:
    ranges = tuple(
        Range(_number(values[f"low_{at}"], f"low_{at}"), _number(values[f"high_{at}"], f"high_{at}"))
        for at in range(1, len(row.limits.ranges) + 1)
    )
    return Call(inspections.set_limits, (row.template, row.item, Limits(ranges), version))


def _number(text: str, field: str) -> float | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError as error:
        raise BadInput(tr("This is no number."), field) from error
    if not abs(number) < 1e9:
        raise BadInput(tr("This is no number."), field)
    return number


def _columns() -> tuple[Column, ...]:
    return (
        Column("template", tr("Form"), lambda row: row.template_title, 220, drops=2),
        Column("title", tr("Item", context="inspection"), lambda row: row.title, 280, stretch=True),
        Column("limits", tr("Limits", context="inspection"), lambda row: row.standard, 180, look=_look),
        Column("shipped", tr("Shipped limits"), lambda row: row.shipped, 180, drops=1),
    )


def _look(row: "LimitRow") -> Look | None:
    return Tinted(row.standard, "accent") if row.is_changed else None
