"""Who sits here: the sign-in at start, the present person's own password, and words about its age."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.errors import BadInput, WatchroomError
from app.words import tr, trn
from ui.banner import Banners
from ui.context import Context
from ui.labels import PlainLabel
from ui.on_demand import on_demand
from ui.rows import Call
from ui.subjects import people

if TYPE_CHECKING:
    from app.desk import Desk
    from app.passwords import Standing
    from app.people import SignedIn
    from ui import forms
    from ui.work import Job
else:
    forms = on_demand("ui.forms")

WIDTH = 360


class SignInBox(QWidget):
    """Name, password and a button; asks on a worker. `signed_in` carries a `SignedIn`."""

    signed_in = Signal(object)
    asked = Signal(str, str)
    """Name and password, just before they are checked."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.banners = Banners(self)
        self.login = QLineEdit(self)
        self.login.setObjectName("login")
        self.login.setMaxLength(80)
        self.password = QLineEdit(self)
        self.password.setObjectName("password")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setMaxLength(200)
        self.button = QPushButton(tr("Sign in", context="verb"), self)
        self.button.setProperty("main", True)
        self.button.setDefault(True)
        self._name = PlainLabel(tr("Name to sign in with"), "secondary", self)
        self._lay_out()
        self.button.clicked.connect(lambda _on=False: self.submit())
        self.login.returnPressed.connect(self.submit)
        self.password.returnPressed.connect(self.submit)

    def ask_for(self, login: str) -> None:
        """Ask for the password of `login`; for whoever it is when empty."""
        self.login.setText(login)
        self.password.clear()
        self.banners.clear("error")
        for part in (self._name, self.login):
            part.setVisible(not login)
        (self.password if login else self.login).setFocus(Qt.FocusReason.OtherFocusReason)

    def submit(self) -> None:
        """Check name and password; what is wrong is said in one sentence for both."""
        if not self.button.isEnabled():
            return
        if not self.login.text().strip():
            self.login.setFocus()
            return
        if not self.password.text():
            self.password.setFocus()
            return
        self._set_busy(True)
        self.asked.emit(self.login.text(), self.password.text())
        self._context.work.run(
            _sign_in, self.login.text(), self.password.text(), done=self._succeed, failed=self._fail, owner=self
        )

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        secret = PlainLabel(tr("Password"), "secondary", self)
        for label, line in ((self._name, self.login), (secret, self.password)):
            label.setBuddy(line)
            line.setAccessibleName(label.text())
            layout.addWidget(label)
            layout.addWidget(line)
        layout.addWidget(self.banners)
        row = QHBoxLayout()
        row.setContentsMargins(0, 8, 0, 0)
        row.addStretch(1)
        row.addWidget(self.button)
        layout.addLayout(row)

    def _set_busy(self, is_busy: bool) -> None:
        for part in (self.login, self.password, self.button):
            part.setEnabled(not is_busy)

    def _succeed(self, signed: "SignedIn") -> None:
        self._set_busy(False)
        self.password.clear()
        self.banners.clear("error")
        self.signed_in.emit(signed)

    def _fail(self, error: WatchroomError) -> None:
        self._set_busy(False)
        self.password.clear()
        self.banners.error(error.sentence())
        self.password.setFocus()


class SignInDialog(QDialog):
    """The sign-in at start, when people have passwords. `signed_in` carries a `SignedIn`; closing it gives up."""

    signed_in = Signal(object)

    def __init__(self, context: Context, unit: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sign-in")
        self.setWindowTitle(tr("Sign in"))
        self.box = SignInBox(context, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(10)
        layout.addWidget(PlainLabel(tr("Watchroom"), "title", self))
        seat = tr("Seat {name}", name=context.seat)
        layout.addWidget(PlainLabel(" · ".join(filter(None, (unit, seat))), "secondary", self))
        layout.addWidget(self.box)
        self.setMinimumWidth(WIDTH)
        self.box.signed_in.connect(self._take)
        self.box.ask_for("")

    def _take(self, signed: "SignedIn") -> None:
        self.signed_in.emit(signed)
        self.accept()


def signs_in_first(url: str) -> bool:
    """Tell whether a database lets nobody read before somebody has signed in: a shared one whose URL names nobody."""
    return not url.startswith("sqlite") and not urlsplit(url).username


def change_own_password(context: Context, parent: QWidget, done: Callable[[], object] | None = None) -> "forms.Form":
    """Open the form of the present person's own password; `done` follows when it is changed."""
    form = forms.Form(
        tr("Change my password"),
        (
            forms.Field("old", tr("Present password"), forms.Kind.SECRET, required=True),
            forms.Field("password", tr("New password"), forms.Kind.SECRET, required=True),
            forms.Field("again", tr("New password again"), forms.Kind.SECRET, required=True),
        ),
        context,
        parent,
        main=tr("Change", context="verb"),
        note=tr(
            "8 characters or more with a digit and a letter, not your name, none of your last 5. It holds 90 days."
        ),
    )
    if done is not None:
        form.saved.connect(lambda _nothing: done())
    return form.run(_change)


def standing_words(standing: "Standing | None") -> str:
    """Return what is to be said of a password's age, empty for a fresh one."""
    if standing is None:
        return ""
    if standing.must_change:
        return tr("Your password must be changed before you go on: it is temporary or has expired.")
    if standing.age.name == "ENDS_SOON" and not standing.days_left:
        return tr("Your password expires within a day: change it now.")
    if standing.age.name == "ENDS_SOON":
        return trn(
            "Your password expires in {n} day. Change it in good time.",
            "Your password expires in {n} days. Change it in good time.",
            standing.days_left,
        )
    return ""


def _change(values: dict[str, Any]) -> Call:
    if values["password"] != values["again"]:
        raise BadInput(tr("The two new passwords differ."), "again")
    return Call(people.change_password, (values["old"], values["password"]))


def _sign_in(desk: "Desk", _job: "Job", login: str, password: str) -> "SignedIn":
    signed: SignedIn = people.sign_in(desk, login, password)
    return signed
