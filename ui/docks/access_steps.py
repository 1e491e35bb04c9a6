"""What is done to a visit that is there: in, out, void, correct, operations, things carried."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QMenu, QWidget

from app.errors import BadInput, WatchroomError
from app.words import label, tr
from models.enums import Direction
from ui.again import say
from ui.banner import Banners
from ui.context import Context
from ui.on_demand import on_demand
from ui.rows import Call
from ui.subjects import access, incidents

if TYPE_CHECKING:
    import uuid

    from app.access import MemberRow, VisitDetail, VisitRow
    from app.incidents import CiChoice
    from ui import forms
else:
    forms = on_demand("ui.forms")
    uuid = on_demand("uuid")


class VisitSteps(QObject):
    """The steps of one panel; errors go to its banners, the screen follows by the feed."""

    def __init__(self, context: Context, banners: Banners, owner: QWidget) -> None:
        super().__init__(owner)
        self._context, self._banners, self._owner = context, banners, owner

    def let_in(self, row: "VisitRow") -> None:
        self._do(access.let_in, row.id, row.version)

    def let_out(self, row: "VisitRow", place: QPoint) -> None:
        """Let one person out at once; of a group ask who leaves."""
        if row.headcount == 1:
            self._do(access.leave, row.id, row.version)
            return
        show = partial(self._ask_who, place)
        self._context.work.read(access.detail, row.id, done=show, failed=self._fail, owner=self._owner)

    def let_member_out(self, row: "VisitRow", member_ids: Sequence[int]) -> None:
        self._do(access.leave, row.id, row.version, tuple(member_ids))

    def void(self, row: "VisitRow") -> "forms.Form":
        """Open the form that strikes the row through (UX rule 9)."""
        field = forms.Field("reason", tr("Reason"), forms.Kind.LINES, required=True)
        note = f"{row.number}　{row.unit}　{row.people}"
        form = forms.Form(
            tr("Void the entry"), (field,), self._context, self._owner, main=tr("Void", context="verb"), note=note
        )
        return form.edits("visit", row.id, row.version).run(
            lambda values: Call(access.void, (row.id, form.version, values["reason"]))
        )

    def edit(self, row: "VisitRow") -> "forms.Form":
        """Open the form that corrects a visit's texts."""
        form = forms.Form(
            tr("Correct {number}", number=row.number),
            (
                forms.Field("purpose", tr("Purpose"), required=True, initial=row.purpose),
                forms.Field("approver", tr("Approved by"), initial=row.approver),
                forms.Field("planned_until", tr("Planned exit"), forms.Kind.MOMENT, initial=row.planned_until),
                forms.Field("remarks", tr("Remarks"), forms.Kind.LINES, initial=row.remarks),
            ),
            self._context,
            self._owner,
        )

        def save(values: dict[str, Any]) -> Call:
            texts = (values["purpose"], values["remarks"], values["planned_until"], values["approver"])
            return Call(access.edit_visit, (row.id, form.version, *texts))

        return form.edits("visit", row.id, row.version).run(save)

    def add_operation(self, row: "VisitRow", members: "Sequence[MemberRow]" = ()) -> "forms.Form":
        """Open the form of one operation within the visit (REQUIREMENTS C10)."""
        key, cis = uuid.uuid4(), CiChooser(self._context, self._owner)
        names = [forms.Choice(name, name) for name in ([member.name for member in members] or row.people.split("、"))]
        form = forms.Form(
            tr("Operation within {number}", number=row.number),
            (
                forms.Field("operator", tr("Operator"), forms.Kind.COMBO, True, names[0].title, names, wide=False),
                forms.Field("witness", tr("Witness"), initial=row.escort, wide=False),
                forms.Field("ci", tr("Device"), suggest=cis.suggest, hint=tr("name, address, pinyin or initials")),
                forms.Field("content", tr("What was done"), forms.Kind.LINES, required=True),
                forms.Field("happened_at", tr("Time"), forms.Kind.MOMENT),
            ),
            self._context,
            self._owner,
        )

        def save(values: dict[str, Any]) -> Call:
            ci_id = cis.id_of(values.pop("ci"))
            operator, content = values.pop("operator"), values.pop("content")
            return Call(access.add_operation, (key, operator, content), {"visit_id": row.id, "ci_id": ci_id, **values})

        return form.run(save)

    def carry(self, row: "VisitRow") -> "forms.Form":
        """Open the form of something carried in or out after the entry (REQUIREMENTS E3)."""
        cis = CiChooser(self._context, self._owner)
        directions = [forms.Choice(each, label(each)) for each in Direction]
        form = forms.Form(
            tr("Carried items of {number}", number=row.number),
            (
                forms.Field("item", tr("Item"), required=True),
                forms.Field(
                    "direction", tr("Direction"), forms.Kind.CHOICE, True, Direction.OUT, directions, wide=False
                ),
                forms.Field("quantity", tr("Quantity"), forms.Kind.NUMBER, True, 1, least=1, most=9_999, wide=False),
                forms.Field("ci", tr("Device (for equipment)"), suggest=cis.suggest),
            ),
            self._context,
            self._owner,
        )

        def save(values: dict[str, Any]) -> Call:
            ci_id = cis.id_of(values["ci"])
            item = access.ItemEntry(values["direction"], values["item"], values["quantity"], ci_id)
            return Call(access.carry, (row.id, form.version, item))

        return form.edits("visit", row.id, row.version).run(save)

    def _ask_who(self, place: QPoint, found: "VisitDetail | None") -> None:
        if found is None:
            return
        row = found.row
        menu = QMenu(self._owner)
        menu.setObjectName("who-leaves")
        everyone = partial(self.let_member_out, row, ())
        menu.addAction(tr("Everybody leaves ({n})", n=row.still_inside), everyone)
        menu.addSeparator()
        for member in found.members:
            if member.left_at is None:
                menu.addAction(tr("{name} leaves", name=member.name), partial(self.let_member_out, row, (member.id,)))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def _do(self, command: Callable[..., Any], *args: object) -> None:
        """Run `command(visit, version, …)`; over somebody else's change only once the person says so."""
        visit_id, _version, *others = args

        def again(version: int) -> None:
            self._do(command, visit_id, version, *others)

        failed = partial(say, self._banners, "step", again=again)
        do = partial(self._context.work.do, done=self._say_done, failed=failed, kept=self._say_done)
        do(command, *args, owner=self._owner)

    def _say_done(self, _result: object) -> None:
        self._banners.clear("step")

    def _fail(self, error: WatchroomError) -> None:
        self._banners.show_banner("step", "error", error.sentence())


class CiChooser:
    """The device behind the text of a completed field."""

    def __init__(self, context: Context, owner: QWidget) -> None:
        self._context, self._owner = context, owner
        self._known: dict[str, CiChoice] = {}

    def suggest(self, text: str, tell: Callable[[Sequence[str]], None]) -> None:
        def show(found: "Sequence[CiChoice]") -> None:
            self._known |= {each.words: each for each in found}
            tell([each.words for each in found])

        self._context.work.read(incidents.cis, text, done=show, owner=self._owner)

    def id_of(self, text: str) -> int | None:
        """Return the chosen device's id, None for an empty text. Raises BadInput for a text that is none."""
        if text and text not in self._known:
            raise BadInput(tr("Choose the device from the list, or leave the field empty."), "ci")
        return self._known[text].id if text else None
