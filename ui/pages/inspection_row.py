"""One line of a round's form: standard, last time's value, this time's, result, remark and what became of it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.template_items import Kind
from app.times import to_local
from app.words import tr
from models.enums import ItemResult
from ui.context import Context
from ui.labels import ElidedLabel, PlainLabel
from ui.pages.inspection_fields import ChoiceField, LineField, ResultPill

if TYPE_CHECKING:
    from app.inspections.rows import RoundItem, Saved

SERIAL, TITLE, STANDARD, LAST, NOW, RESULT, NOTE, PHOTO = range(8)
ICON = 16


class ItemRow(QObject):
    """The widgets of one item. It keeps the version that it saw and saves one change after the other.

    `save_asked` comes when a value or remark is to be kept; answer it with `saved` or `refused`.
    """

    save_asked = Signal(object)
    stepped = Signal(object, int)
    incident_asked = Signal(object)
    order_asked = Signal(object)
    photo_asked = Signal(object)
    opened = Signal(str, object)

    def __init__(self, item: "RoundItem", serial: int, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self.item, self._context = item, context
        self.version = item.version
        self.is_saving = False
        self._is_open = True
        self._turns_judgement = False
        self.serial = PlainLabel(str(serial), "secondary", parent)
        self.title = PlainLabel(item.title, parent=parent, wraps=True)
        self.standard = PlainLabel(item.standard, "secondary", parent, wraps=True)
        self.last = ElidedLabel(item.last, "secondary", parent)
        self.last.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.field: LineField | ChoiceField = _field(item, parent)
        self.hint = PlainLabel("", "secondary", parent)
        self.error = PlainLabel("", "error", parent, wraps=True)
        self.error.hide()
        self.result = ResultPill(context, parent)
        self.note = LineField(tr("Remark on {item}", item=item.title), parent)
        self.actions = QWidget(parent)
        self._fill_actions()
        self.field.setObjectName(f"value-{item.code}")
        self.note.setObjectName(f"note-{item.code}")
        for part in (self.field, self.note):
            part.settled.connect(self.save)
            part.stepped.connect(lambda step: self.stepped.emit(self, step))
        self.result.pressed.connect(self._turn_judgement)
        self.show_item(item)

    def lay_out(self, grid: QGridLayout, at: int) -> None:
        """Put the line's widgets into the grid's row `at`."""
        now = QWidget(grid.parentWidget())
        side = QGridLayout(now)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(2)
        side.addWidget(self.field, 0, 0)
        side.addWidget(self.hint, 0, 1)
        side.addWidget(self.error, 1, 0, 1, 2)
        side.setColumnStretch(0, 1)
        remark = QWidget(grid.parentWidget())
        column = QVBoxLayout(remark)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.note)
        column.addWidget(self.actions)
        parts = (self.serial, self.title, self.standard, self.last, now, self.result, remark, self.photo)
        for place, widget in enumerate(parts):
            grid.addWidget(widget, at, place)

    def show_item(self, item: "RoundItem") -> None:
        """Show a newer state of the item; what is being typed stays."""
        self.item, self.version = item, item.version
        self._turns_judgement = False
        self.field.keep(item.value, shows=not self.field.is_changed)
        self.note.keep(item.note, shows=not self.note.is_changed)
        self.result.show_result(item.result)
        self.hint.setText(self._hint())
        self._show_actions()

    def set_open(self, is_open: bool) -> None:
        """Let the line be filled in, or only read; what can no longer be kept gives way to what is on record."""
        self._is_open = is_open
        if not is_open and not self.is_saving:
            self.field.keep(self.item.value)
            self.note.keep(self.item.note)
            self._say("")
        self.field.setReadOnly(not is_open)
        self.note.setReadOnly(not is_open)
        self.note.setVisible(is_open or bool(self.item.note))
        if isinstance(self.field, LineField) and not is_open:
            self.field.setCursorPosition(0)
        self._show_actions()

    def save(self) -> None:
        """Ask to keep what stands here; while an earlier change is on its way, this one waits for it."""
        if self._is_open and not self.is_saving and (self.is_changed or self._turns_judgement):
            self.is_saving = True
            self.save_asked.emit(self)

    @property
    def is_changed(self) -> bool:
        return self.field.is_changed or self.note.is_changed

    @property
    def wants_abnormal(self) -> bool:
        """Whether a person judges the value abnormal, now or before; another value is judged by the limits again."""
        if self.field.is_changed:
            return False
        return self.item.is_abnormal != self._turns_judgement

    def saved(self, saved: "Saved", value: str, note: str) -> None:
        """Take what was kept; text typed since then is saved next."""
        self.is_saving = False
        self.version = saved.version
        self.field.keep(saved.value, shows=self.field.value == value)
        self.note.keep(note, shows=False)
        self._say("")
        self.result.show_result(saved.result)
        self._turns_judgement = False
        self.save()

    def waits(self, value: str, note: str) -> None:
        """Take what was kept on this machine, to be judged when it is sent."""
        self.is_saving = False
        self.version += 1
        self.field.keep(value, shows=False)
        self.note.keep(note, shows=False)
        self._turns_judgement = False
        self._say("")
        self.save()

    def refused(self, words: str) -> None:
        """Say under the field why the value was not kept; what was typed stays."""
        self.is_saving = False
        self._turns_judgement = False
        self._say(words)

    def settle(self, version: int, kept: str, kept_note: str, value: str, note: str) -> None:
        """Go on from what a colleague kept, with the value and the remark that were chosen, and save what differs."""
        self.version = version
        for field, stored, chosen in ((self.field, kept, value), (self.note, kept_note, note)):
            field.keep(chosen)
            field.keep(stored, shows=False)
        self._say("")
        self.save()

    def _say(self, words: str) -> None:
        self.field.mark_wrong(bool(words))
        self.error.setText(words)
        self.error.setVisible(bool(words))

    def _turn_judgement(self) -> None:
        if self._is_open and self.item.result in (ItemResult.NORMAL, ItemResult.ABNORMAL):
            self._turns_judgement = True
            self.save()

    def _hint(self) -> str:
        if self.item.measured_at is not None:
            return tr("read {at}", at=f"{to_local(self.item.measured_at):%H:%M}")
        return self.item.unit if self.item.kind is Kind.NUMBER else ""

    def _fill_actions(self) -> None:
        layout = self._actions = QBoxLayout(QBoxLayout.Direction.LeftToRight, self.actions)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self.incident = QPushButton(self.actions)
        self.incident.clicked.connect(self._go_to_incident)
        self.order = QPushButton(self.actions)
        self.order.clicked.connect(self._go_to_order)
        self.photo = QToolButton(self.actions.parentWidget())
        self.photo.setProperty("slim", True)
        self.photo.setIconSize(QSize(ICON, ICON))
        self.photo.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.photo.setAccessibleName(tr("Attach a photograph"))
        self.photo.setToolTip(tr("Attach a photograph"))
        self.photo.clicked.connect(lambda _on=False: self.photo_asked.emit(self))
        layout.addWidget(self.incident)
        layout.addWidget(self.order)
        layout.addStretch(1)
        for button in (self.incident, self.order, self.photo):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def _show_actions(self) -> None:
        item = self.item
        can_start = self._is_open and item.is_abnormal
        self.incident.setText(item.incident or tr("To incident"))
        self.incident.setVisible(bool(item.incident) or can_start)
        self.order.setText(item.work_order or tr("Work order"))
        self.order.setVisible(bool(item.work_order) or can_start)
        has_number = bool(item.incident or item.work_order)  # two beside each other would widen the whole form
        ways = QBoxLayout.Direction
        self._actions.setDirection(ways.TopToBottom if has_number else ways.LeftToRight)
        self.actions.setVisible(can_start or has_number)
        self.photo.setIcon(self._context.icons.icon("camera", ICON, "accent" if item.photos else "secondary"))
        self.photo.setText(str(item.photos) if item.photos else "")
        self.photo.setVisible(self._is_open or bool(item.photos))

    def _go_to_incident(self) -> None:
        if self.item.incident_id:
            self.opened.emit("incident", self.item.incident_id)
        else:
            self.incident_asked.emit(self)

    def _go_to_order(self) -> None:
        if self.item.work_order_id:
            self.opened.emit("work_order", self.item.work_order_id)
        else:
            self.order_asked.emit(self)


def _field(item: "RoundItem", parent: QWidget) -> LineField | ChoiceField:
    if item.options:
        return ChoiceField(item.title, [(option.code, option.title) for option in item.options], parent)
    line = LineField(item.title, parent)
    line.setPlaceholderText({Kind.NUMBERS: "… / … / …", Kind.COUNT: ""}.get(item.kind, ""))
    return line
