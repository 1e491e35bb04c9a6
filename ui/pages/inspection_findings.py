"""What a line of a round leads to: an incident, a work order, a photograph."""

import uuid
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from app.errors import BadInput
from app.words import tr
from ui.context import Context
from ui.forms import Form
from ui.pages.inspection_forms import ask_incident, ask_order
from ui.pages.inspection_row import ItemRow
from ui.pages.preview import open_preview
from ui.subjects import attachments

if TYPE_CHECKING:
    from app.desk import Desk
    from app.inspections.plans import FormChoices
    from app.inspections.rows import Round
    from ui.work import Job

PICTURES = "*.jpg *.jpeg *.png"


class Findings(QWidget):
    """Unseen; opens the dialogs over its parent. `found` and `choices` are those of the round that is shown."""

    done = Signal()
    failed = Signal(object)

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context, self._over = context, parent
        self.found: Round | None = None
        self.choices: FormChoices | None = None
        self.hide()

    def take_line(self, line: ItemRow) -> None:
        """Answer the buttons of a line."""
        line.incident_asked.connect(self._ask_incident)
        line.order_asked.connect(self._ask_order)
        line.photo_asked.connect(self._ask_photo)
        line.opened.connect(self._context.nav.select)

    def attach(self, code: str, path: Path) -> None:
        """Attach a photograph to an item."""
        if self.found:
            self._context.work.run(
                _attach,
                self.found.id,
                code,
                path,
                done=lambda _id: self.done.emit(),
                failed=self.failed.emit,
                owner=self,
            )

    def _ask_incident(self, line: ItemRow) -> None:
        if self.found:
            self._say_done_after(ask_incident(self._context, self._over, self.found, line.item, line.version))

    def _ask_order(self, line: ItemRow) -> None:
        if self.found and self.choices:
            form = ask_order(self._context, self._over, self.found, line.item, line.version, self.choices)
            self._say_done_after(form)

    def _say_done_after(self, form: Form) -> None:
        form.saved.connect(lambda _result: self.done.emit())

    def _ask_photo(self, line: ItemRow) -> None:
        """Attach a first photograph; where there are some, offer to show them too."""
        is_open = self.found is not None and self.found.is_fillable
        if line.item.photos == 0:
            self._choose_photo(line)
            return
        menu = QMenu(self._over)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Show the photographs"), lambda: self._show_photos(line))
        menu.addAction(tr("Attach a photograph"), lambda: self._choose_photo(line)).setEnabled(is_open)
        menu.popup(line.photo.mapToGlobal(line.photo.rect().bottomLeft()))

    def _show_photos(self, line: ItemRow) -> None:
        if self.found:
            title = f"{self.found.row.number} {line.item.title}"
            open_preview(self._context, title, partial(_photos, self.found.id, line.item.code))

    def _choose_photo(self, line: ItemRow) -> None:
        title = tr("Attach a photograph")
        dialog = QFileDialog(self._over, title, "", tr("Photographs") + f" ({PICTURES})")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.attach(line.item.code, Path(name)))
        dialog.open()


def _photos(inspection_id: int, code: str, desk: "Desk") -> bytes:
    from app.inspections.paper import photos_pdf

    return photos_pdf(desk, inspection_id, code)


def _attach(desk: "Desk", _job: "Job", inspection_id: int, code: str, path: Path) -> int:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(tr("“{name}” can't be read: {reason}.", name=path.name, reason=error.strerror)) from error
    made: int = desk.do(attachments.attach, uuid.uuid4(), "inspection", inspection_id, code, path.name, content)
    return made
