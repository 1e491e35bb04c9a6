"""The small forms of the CMDB: move, void, relate, places."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from PySide6.QtWidgets import QWidget

from app.ci_words import field_label
from app.errors import BadInput
from app.words import label, tr
from models.enums import PlaceKind, RelationKind
from ui.context import Context
from ui.editing import Again
from ui.forms import Choice, Field, Form, Kind
from ui.rows import Call
from ui.subjects import cmdb

if TYPE_CHECKING:
    from app.cmdb.rows import Choice as Offer
    from app.cmdb.rows import CiDetail, PlaceDetail, PlaceDraft

INSIDE: dict[PlaceKind | None, tuple[PlaceKind, ...]] = {
    None: (PlaceKind.SITE, PlaceKind.ROOM, PlaceKind.OFFICE),
    PlaceKind.SITE: (PlaceKind.ROOM, PlaceKind.OFFICE),
    PlaceKind.ROOM: (PlaceKind.ROW, PlaceKind.RACK),
    PlaceKind.ROW: (PlaceKind.RACK,),
    PlaceKind.OFFICE: (PlaceKind.RACK,),
    PlaceKind.RACK: (),
}
RACK_U = 42


def move(context: Context, parent: QWidget, ci_id: int) -> None:
    """Ask where a configuration item goes, and move it there."""

    def ask(detail: "CiDetail", places: Sequence["Offer"]) -> None:
        choices = [Choice(each.id, each.title) for each in places]
        unit = detail.draft.u_bottom
        fields = [
            Field("place_id", field_label("place_id"), Kind.CHOICE, initial=detail.draft.place_id, choices=choices),
            Field(
                "u_bottom",
                field_label("u_bottom"),
                initial="" if unit is None else f"{unit:g}",
                hint=tr("in a rack; halves such as 10.5 are allowed"),
            ),
        ]
        form = Form(tr("Move “{name}”", name=detail.draft.name), fields, context, parent, main=tr("Move"))

        def save(values: dict[str, Any]) -> Call:
            return Call(cmdb.move, (ci_id, form.version, values["place_id"], units(values["u_bottom"], "u_bottom")))

        form.edits("ci", ci_id, detail.version).run(save)

    _read_both(context, parent, ci_id, ask)


def void_ci(context: Context, parent: QWidget, ci_id: int) -> None:
    """Ask for the reason and strike out a configuration item."""

    def ask(detail: "CiDetail") -> None:
        note = tr("It leaves the tree and its rack and is watched no more. Its record and its history stay.")
        form = _reason_form(context, parent, tr("Void “{name}”", name=detail.draft.name), note)
        form.edits("ci", ci_id, detail.version)
        form.run(lambda values: Call(cmdb.void, (ci_id, form.version, values["void_reason"])))

    context.work.read(cmdb.detail, ci_id, done=ask, owner=parent)


def relate(context: Context, parent: QWidget, ci_id: int) -> None:
    """Ask for a kind and another configuration item, and relate both."""
    key, offers = uuid4(), dict[str, int]()

    def suggest(text: str, tell: Callable[[Sequence[str]], None]) -> None:
        def show(found: Sequence["Offer"]) -> None:
            titles = {f"{each.title}  {each.detail}".strip(): each.id for each in found if each.id != ci_id}
            offers.update(titles)
            tell(list(titles))

        context.work.read(cmdb.search, text, done=show, owner=form)

    kinds = [Choice((kind, True), label(kind)) for kind in RelationKind]
    kinds += [Choice((kind, False), tr("{kind} (the other way)", kind=label(kind))) for kind in RelationKind]
    fields = [
        Field("kind", field_label("kind"), Kind.CHOICE, required=True, choices=kinds),
        Field(
            "target_id",
            tr("Configuration item"),
            required=True,
            suggest=suggest,
            hint=tr("name, pinyin, initials or address"),
        ),
        Field("note", field_label("note")),
    ]
    form = Form(tr("Add relation"), fields, context, parent, main=tr("Add"))

    def save(values: dict[str, Any]) -> Call:
        if values["target_id"] not in offers:
            raise BadInput(tr("Choose one from the list."), "target_id")
        (kind, is_outgoing), other = values["kind"], offers[values["target_id"]]
        source, target = (ci_id, other) if is_outgoing else (other, ci_id)
        return Call(cmdb.relate, (key, source, kind, target, values["note"]))

    form.run(save)


def new_place(context: Context, parent: QWidget, around: int | None, kind: PlaceKind | None) -> None:
    """Ask for a new place inside another one."""
    kinds, key = INSIDE[kind], uuid4()
    form = Form(tr("New place"), _place_fields(kinds, kinds[0]), context, parent, main=tr("Add"))
    form.run(lambda values: Call(cmdb.create_place, (key, _place_draft(values, around))))


def edit_place(context: Context, parent: QWidget, place_id: int) -> None:
    """Show a place's fields and keep what is changed."""

    def ask(place: "PlaceDetail") -> None:
        draft = place.draft
        form = Form(tr("Edit place"), _place_fields((draft.kind,), draft.kind), context, parent)
        form.set_values(_shown(draft))
        again = Again(Call(cmdb.place, (place_id,)), _fields_of)
        form.edits("place", place_id, place.version, again)
        form.run(lambda values: Call(cmdb.edit_place, (place_id, form.version, _place_draft(values, draft.parent_id))))

    context.work.read(cmdb.place, place_id, done=ask, owner=parent)


def void_place(context: Context, parent: QWidget, place_id: int) -> None:
    """Ask for the reason and strike out an empty place."""

    def ask(place: "PlaceDetail") -> None:
        form = _reason_form(context, parent, tr("Void “{name}”", name=place.draft.name), "")
        form.edits("place", place_id, place.version)
        form.run(lambda values: Call(cmdb.void_place, (place_id, form.version, values["void_reason"])))

    context.work.read(cmdb.place, place_id, done=ask, owner=parent)


def units(text: str, field: str) -> float | None:
    """Return a number of U as it was typed, None for nothing. Raises BadInput."""
    if not text:
        return None
    try:
        return float(text.strip().upper().removeprefix("U").removesuffix("U").replace("，", ".").replace(",", "."))
    except ValueError as error:
        raise BadInput(tr("Give a number of U, for example 10.5."), field) from error


def _reason_form(context: Context, parent: QWidget, title: str, note: str) -> Form:
    reason = Field("void_reason", field_label("void_reason"), required=True)
    return Form(title, [reason], context, parent, main=tr("Void"), note=note)


def _place_fields(kinds: Sequence[PlaceKind], initial: PlaceKind) -> list[Field]:
    classes = [Choice(each, each) for each in ("A", "B", "C")]
    return [
        Field(
            "kind",
            field_label("kind"),
            Kind.CHOICE,
            required=True,
            initial=initial,
            choices=[Choice(each, label(each)) for each in kinds],
        ),
        Field("name", field_label("name"), required=True),
        Field("height_u", field_label("height_u"), initial=f"{RACK_U}", hint=tr("racks only"), wide=False),
        Field(
            "room_class",
            field_label("room_class"),
            Kind.CHOICE,
            choices=classes,
            hint=tr("machine rooms only"),
            wide=False,
        ),
        Field("note", field_label("note")),
    ]


def _shown(draft: "PlaceDraft") -> dict[str, Any]:
    """Return what the fields of a place show."""
    return {
        "name": draft.name,
        "height_u": "" if draft.height_u is None else f"{draft.height_u:g}",
        "room_class": draft.room_class or None,
        "note": draft.note,
    }


def _fields_of(place: "PlaceDetail") -> Sequence[Field]:
    shown = _shown(place.draft)
    fields = _place_fields((place.draft.kind,), place.draft.kind)
    return [replace(field, initial=shown.get(field.key, field.initial)) for field in fields]


def _place_draft(values: dict[str, Any], around: int | None) -> object:
    is_rack = values["kind"] is PlaceKind.RACK
    return cmdb.PlaceDraft(
        values["kind"],
        values["name"],
        around,
        units(values["height_u"], "height_u") if is_rack else None,
        values["room_class"] or "",
        values["note"],
    )


def _read_both(
    context: Context, parent: QWidget, ci_id: int, ask: Callable[["CiDetail", Sequence["Offer"]], None]
) -> None:
    def then(detail: "CiDetail") -> None:
        context.work.read(cmdb.place_choices, done=lambda places: ask(detail, places), owner=parent)

    context.work.read(cmdb.detail, ci_id, done=then, owner=parent)
