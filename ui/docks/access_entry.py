"""Registering who enters, by keyboard alone: a repeat visitor takes a name, Enter and Enter (UX "Measures")."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QWidget

from app.errors import BadInput
from app.words import label, tr
from models.enums import Approval
from ui.context import Context
from ui.docks.access_lists import ItemsEditor, ItemTyped, PeopleEditor, PersonTyped
from ui.fields import Choice, Field, Kind
from ui.forms import Form
from ui.rows import Call
from ui.subjects import access

if TYPE_CHECKING:
    from app.access import EntryChoices, ReturningVisitor

WIDTH = 860
STAYS_MIN = (30, 60, 120, 240, 480)
USUAL_STAY_MIN = 120


def open_entry(context: Context, choices: "EntryChoices", parent: QWidget, *, is_announcement: bool = False) -> None:
    """Open the form with what it offers."""
    EntryForm(context, choices, parent, is_announcement=is_announcement).open_empty()


class EntryForm(Form):
    """The door's form. Certificates' numbers leave it once, to be sealed by the command."""

    def __init__(
        self, context: Context, choices: "EntryChoices", parent: QWidget | None = None, *, is_announcement: bool = False
    ) -> None:
        self._key = uuid.uuid4()
        self._choices, self._is_announcement = choices, is_announcement
        title = tr("Announce a visit") if is_announcement else tr("Register entry")
        main = tr("Announce", context="visit") if is_announcement else tr("Enter", context="visit")
        super().__init__(title, self._entry_fields(context), context, parent, main=main)
        self.setObjectName("entry-form")
        self.resize(WIDTH, self.sizeHint().height())
        people = self.field("name")
        assert isinstance(people, PeopleEditor)
        people.recognized.connect(self._fill_in)
        if not choices.rooms:
            self.banners.show_banner(
                "rooms", "warning", tr("There is no machine room yet. Enter one under Configuration, by place.")
            )

    def open_empty(self) -> "EntryForm":
        """Open the form with the keyboard on the first name."""
        self.run(self._save_entry)
        self.field("name").widget.setFocus(Qt.FocusReason.TabFocusReason)
        return self

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(WIDTH, 0))

    def _entry_fields(self, context: Context) -> Sequence[Field]:
        offered = self._choices
        rooms = [Choice(room.id, room.name) for room in offered.rooms]
        room_id = offered.room_id or (rooms[0].value if rooms else None)
        approvals = [Choice(each, label(each)) for each in Approval]
        return (
            Field("name", tr("People", context="visit"), required=True, make=partial(PeopleEditor, context)),
            Field("purpose", tr("Purpose"), Kind.COMBO, required=True, choices=_texts(offered.purposes)),
            Field("room_id", tr("Machine room"), Kind.CHOICE, True, room_id, rooms, wide=False),
            *self._time_fields(),
            Field("approver", tr("Approved by"), Kind.COMBO, choices=_texts(offered.approvers), wide=False),
            Field("approval", tr("Approval"), Kind.CHOICE, False, offered.approval, approvals, wide=False),
            Field("escort", tr("Escort"), Kind.COMBO, choices=_texts(offered.escorts), wide=False),
            Field("linked", tr("Incident or work order"), hint=tr("number, such as E-20261123-001"), wide=False),
            Field("headcount", tr("Headcount"), Kind.NUMBER, False, 1, least=1, most=200, wide=False),
            Field("is_own_staff", tr("The room's own staff, on duty"), Kind.FLAG, wide=False),
            Field("items", tr("Carried items"), make=partial(ItemsEditor, context)),
            Field("remarks", tr("Remarks")),
        )

    def _time_fields(self) -> Sequence[Field]:
        stays = [Choice(minutes, _span(minutes)) for minutes in STAYS_MIN]
        stay = Field("stay", tr("Planned stay"), Kind.CHOICE, False, USUAL_STAY_MIN, stays, wide=False)
        if not self._is_announcement:
            return (stay,)
        tomorrow = datetime.now(UTC).replace(minute=0) + timedelta(hours=1)
        return (stay, Field("announced_for", tr("Expected at"), Kind.MOMENT, True, tomorrow))

    def _fill_in(self, visitor: "ReturningVisitor") -> None:
        """Fill in what the returning visitor usually comes for, and go there."""
        if self.field("purpose").is_empty():
            self.set_values({"purpose": visitor.last_purpose})
        for key, usual in (("approver", self._choices.approvers), ("escort", self._choices.escorts)):
            if self.field(key).is_empty() and usual:
                self.set_values({key: usual[0]})
        self.field("purpose").widget.setFocus(Qt.FocusReason.TabFocusReason)

    def _save_entry(self, values: dict[str, Any]) -> Call:
        announced_for = values.pop("announced_for", None)
        begins = announced_for or datetime.now(UTC)
        stay = values.pop("stay")
        entry = access.VisitEntry(
            key=self._key,
            members=tuple(_member(person) for person in values.pop("name")),
            items=tuple(_item(item) for item in values.pop("items")),
            planned_until=begins + timedelta(minutes=stay) if stay else None,
            **values,
        )
        if announced_for is not None:
            return Call(access.announce, (entry, announced_for))
        return Call(access.enter, (entry,))


def _member(person: PersonTyped) -> Any:
    known = person.known if person.known and not person.number else None
    return access.MemberEntry(
        name=person.name,
        unit=person.unit,
        telephone=person.telephone,
        certificate=person.certificate,
        certificate_number=person.number,
        sealed_certificate=known.sealed_certificate if known else "",
        certificate_mask=known.certificate_mask if known else "",
    )


def _item(item: ItemTyped) -> Any:
    if item.ci and item.ci_id is None:
        raise BadInput(tr("Choose the device from the list, or leave the field empty."), "items")
    return access.ItemEntry(item.direction, item.name, item.quantity, item.ci_id)


def _texts(texts: Sequence[str]) -> list[Choice]:
    return [Choice(text, text) for text in texts]


def _span(minutes: int) -> str:
    return tr("{n} min", n=minutes) if minutes < 60 else tr("{n} h", n=minutes // 60)
