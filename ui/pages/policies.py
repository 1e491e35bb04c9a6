"""Policies of reachability: what must be reached from the collector, what must not, and whether that holds."""

import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from app.errors import BadInput, WatchroomError
from app.words import label, tr
from models.enums import CheckKind, State
from ui import list_files
from ui.context import Context
from ui.editing import Again
from ui.fields import Choice, Field, Kind
from ui.forms import Form
from ui.page import Page
from ui.rows import Call, Column, Look, Pill
from ui.subjects import incidents, policies
from ui.table import Table

if TYPE_CHECKING:
    from app.incidents import CiChoice
    from app.policies import PolicyDraft, PolicyRow

KINDS = (CheckKind.MUST_REACH, CheckKind.MUST_NOT_REACH)
TABLES = ("check_item", "ci")


class PoliciesPage(Page):
    """The list of policies, each with what it asks for and how it stands."""

    def __init__(self, context: Context) -> None:
        super().__init__("config", tr("Reachability policies"), context)
        self._wanted: object = None
        self._devices: dict[str, int] = {}
        self.table = Table("policies", _columns(), context, is_dim=lambda row: not row.is_enabled, parent=self)
        self.table.empty.say(tr("No policy says yet what must be reachable and what must not."), tr("Add…"), self.add)
        self.add_button = self.bar.add_button(tr("Add…"), self.add, is_main=True, needs=("policies.add",))
        self.edit_button = self.bar.add_button(tr("Edit…"), self.edit, needs=("policies.edit",))
        self.body.addWidget(self.table)
        self.table.counted.connect(self.bar.count.setText)
        self.table.current_row_changed.connect(lambda row: self.edit_button.setEnabled(row is not None))
        self.table.activated_row.connect(lambda _row: self.edit())
        context.live.changed.connect(lambda changed: self.refresh() if changed.touches(*TABLES) else None)
        context.live.states_changed.connect(lambda _states: self.refresh() if self.isVisible() else None)
        context.live.reset.connect(self.refresh)
        self.edit_button.setEnabled(False)

    def show_row(self, key: object) -> None:
        self._wanted = key
        self.refresh()

    def refresh(self) -> None:
        self.context.work.read(policies.policies, done=self._take, failed=self._fail, owner=self)

    def add(self) -> Form:
        """Open the form of a new policy."""
        fields = (
            Field(
                "ci", tr("Device"), required=True, suggest=self._suggest, hint=tr("name, address, pinyin or initials")
            ),
            Field("kind", tr("It asks that the address"), Kind.CHOICE, required=True, choices=_kinds()),
            *_fields(),
        )
        form = Form(tr("Add a policy"), fields, self.context, self, note=_note())
        key = uuid.uuid4()
        return form.run(lambda values: Call(policies.add, (key, self._device(values["ci"]), _draft(values))))

    def edit(self) -> Form | None:
        """Open the form of the current policy."""
        row: PolicyRow | None = self.table.current_row
        if row is None:
            return None
        form = Form(label(row.kind), _kept_fields(row), self.context, self, note=_note())
        form.edits("check_item", row.id, row.version, Again.among(Call(policies.policies), row.id, _kept_fields))
        return form.run(
            lambda values: Call(policies.edit, (row.id, form.version, _draft({**values, "kind": row.kind})))
        )

    def export(self) -> None:
        list_files.export(self.context, self, self.bar.title.text(), self.table.shown_columns(), self.table.rows.rows)

    def print_list(self) -> None:
        list_files.print_list(self.context, self.bar.title.text(), self.table.shown_columns(), self.table.rows.rows)

    def _suggest(self, text: str, tell: Callable[[Sequence[str]], None]) -> None:
        def show(found: "Sequence[CiChoice]") -> None:
            self._devices |= {each.words: each.id for each in found}
            tell([each.words for each in found])

        self.context.work.read(incidents.cis, text, done=show, owner=self)

    def _device(self, text: str) -> int:
        if text not in self._devices:
            raise BadInput(tr("Choose one from the list."), "ci")
        return self._devices[text]

    def _take(self, rows: "list[PolicyRow]") -> None:
        self.table.set_rows(rows)
        if self._wanted is not None and self.table.select_key(self._wanted):
            self._wanted = None

    def _fail(self, error: WatchroomError) -> None:
        self.banners.error(error.sentence())


def _kinds() -> list[Choice]:
    return [Choice(kind, label(kind)) for kind in KINDS]


def _kept_fields(row: "PolicyRow") -> tuple[Field, ...]:
    """Return the fields of a policy that is there already."""
    enabled = Field("is_enabled", tr("Watched"), Kind.FLAG, initial=row.is_enabled, hint=tr("yes"))
    return (*_fields(row), enabled)


def _fields(row: "PolicyRow | None" = None) -> tuple[Field, ...]:
    return (
        Field("name", tr("Name of the policy"), required=True, initial=row.name if row else None),
        Field("address", tr("Address", context="ci"), required=True, initial=row.address if row else None),
        Field(
            "port",
            tr("TCP port"),
            initial=str(row.port) if row and row.port else None,
            hint=tr("empty: ping"),
            wide=False,
        ),
        Field(
            "interval_s",
            tr("Every"),
            Kind.NUMBER,
            initial=row.interval_s if row else 60,
            least=5,
            most=86_400,
            unit="s",
            wide=False,
        ),
    )


def _note() -> str:
    return tr("It is tried from the machine where the collector runs. A breach is an incident that names the policy.")


def _draft(values: dict[str, Any]) -> "PolicyDraft":
    port = str(values["port"] or "")
    if port and not port.isdigit():
        raise BadInput(tr("A port lies between 1 and 65535."), "port")
    draft: PolicyDraft = policies.PolicyDraft(
        values["name"],
        values["kind"],
        values["address"],
        int(port) if port else None,
        int(values["interval_s"]),
        values.get("is_enabled", True),
    )
    return draft


def _columns() -> tuple[Column, ...]:
    return (
        Column("name", tr("Policy"), lambda row: row.name, 220, stretch=True),
        Column("kind", tr("Asks"), lambda row: label(row.kind), 160),
        Column("target", tr("Address", context="ci"), lambda row: row.target, 160),
        Column("device", tr("Device"), lambda row: row.ci_name, 150, stretch=True, drops=2),
        Column("state", tr("State"), _state, 130, look=_look),
        Column("every", tr("Every"), lambda row: f"{row.interval_s} s", 80, right=True, drops=3),
        Column("trouble", tr("Message"), lambda row: row.trouble, 260, stretch=True, drops=1),
    )


def _state(row: "PolicyRow") -> str:
    if not row.is_enabled:
        return tr("Switched off")
    return tr("Not tried yet") if row.holds is None else tr("Holds") if row.holds else tr("Broken", context="policy")


def _look(row: "PolicyRow") -> Look:
    state = State.UNKNOWN if row.holds is None else State.NORMAL if row.holds else State.CRITICAL
    return Pill(_state(row), state.value, state)
