"""What is seen of the lock: covers over whatever names people, and the card that asks for the password."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QPushButton, QVBoxLayout, QWidget

from app.words import tr
from ui.context import Context
from ui.labels import PlainLabel
from ui.shapes import paint_hatching
from ui.signin import SignInBox

CARD_WIDTH = 380


class Cover(QWidget):
    """Lies over something that names people while the seat is locked."""

    def __init__(self, context: Context, under: QWidget) -> None:
        super().__init__(under)
        self._context = context
        self.setGeometry(under.rect())
        self.show()
        self.raise_()
        under.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._context.theme
        painter.fillRect(self.rect(), theme.colour("surface"))
        paint_hatching(painter, self.rect().toRectF(), theme.colour("raised"))
        painter.setPen(theme.colour("secondary"))
        painter.setFont(theme.font())
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), tr("Hidden while this seat is locked."))


class LockCard(QFrame):
    """Asks for the password in place; the way to another person is one click more."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("lockCard")
        self._login = ""
        self.title = PlainLabel("", "title", self, wraps=True)
        self.note = PlainLabel("", "secondary", self, wraps=True)
        self.box = SignInBox(context, self)
        self.box.button.setText(tr("Unlock"))
        self.resume = QPushButton(tr("Go on"), self)
        self.resume.setProperty("main", True)
        self.change = QPushButton(tr("Another person…"), self)
        self.change.clicked.connect(lambda _on=False: self.ask_another())
        row = QHBoxLayout()
        row.addWidget(self.change)
        row.addStretch(1)
        row.addWidget(self.resume)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(8)
        layout.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        for part in (self.title, self.note, self.box):
            part.setFixedWidth(CARD_WIDTH - 40)
            layout.addWidget(part)
        layout.addLayout(row)

    def ask(self, name: str, login: str, *, has_password: bool) -> None:
        """Ask the person who sits here to unlock."""
        self._login = login
        self.title.setText(tr("Locked · {name}", name=name))
        self.note.setText(tr("Board, queue, sound and clocks go on. F4 acknowledges after the password."))
        self.box.setVisible(has_password)
        self.resume.setVisible(not has_password)
        self.change.show()
        if has_password:
            self.box.ask_for(login)
        else:
            self.resume.setFocus()
        self.adjustSize()

    def take_keyboard(self) -> None:
        """Put the keyboard where the way on is: into the password, onto the button where there is none."""
        if self.box.isHidden():
            self.resume.setFocus()
        elif self.box.login.text():
            self.box.password.setFocus()
        else:
            self.box.login.setFocus()

    def ask_another(self) -> None:
        """Ask who takes the seat."""
        self.title.setText(tr("Change of person"))
        self.box.show()
        self.resume.hide()
        self.change.hide()
        self.box.ask_for("")
        self.adjustSize()
