"""What a device is asked and by which limits it is judged: two short lists with their forms."""

import json
import uuid
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.collector.figures import metric_name
from app.errors import BadInput
from app.words import label, tr
from models.enums import CheckKind
from ui.context import Context
from ui.docks.inspector_databases import DATABASES, SETTINGS, database_fields
from ui.docks.inspector_hardware import hardware_fields
from ui.docks.inspector_middleware import middleware_fields
from ui.editing import Again
from ui.fields import Choice, Field, Kind
from ui.forms import Form
from ui.labels import PlainLabel
from ui.rows import Call, Column
from ui.subjects import devices
from ui.table import Table

if TYPE_CHECKING:
    from app.charts import Measured
    from app.devices import CheckRow, ThresholdRow

LIST_HEIGHT = 84
V3_KEYS = ("auth_key", "priv_key")
LIMITS = ("critical_low", "warning_low", "warning_high", "critical_high")
POLICIES = (CheckKind.MUST_REACH, CheckKind.MUST_NOT_REACH)
"""Set up on a page of their own, where each has its name."""
PARAMS: Mapping[CheckKind, tuple[str, ...]] = {
    CheckKind.HTTP: ("url", "text"),
    CheckKind.SNMP: ("version", "user", "auth", "priv"),
    CheckKind.REDFISH: ("user", "login", "scheme", "verify"),
    CheckKind.IPMI: ("user",),
    CheckKind.NUT: ("ups",),
    CheckKind.MODBUS: ("map", "device_id"),
    CheckKind.TOMCAT: ("user", "scheme", "verify", "manager"),
    CheckKind.RABBITMQ: ("user", "scheme", "verify", "listeners"),
    CheckKind.WEBLOGIC: ("user", "scheme", "verify"),
    **dict.fromkeys(DATABASES, SETTINGS),
}
"""The settings of a kind of check that its form asks for."""
USUAL_PORTS: Mapping[CheckKind, int] = {
    CheckKind.TCP: 22,
    CheckKind.HTTP: 443,
    CheckKind.SNMP: 161,
    CheckKind.REDFISH: 443,
    CheckKind.IPMI: 623,
    CheckKind.NUT: 3493,
    CheckKind.MODBUS: 502,
    CheckKind.POSTGRESQL: 5432,
    CheckKind.MYSQL: 3306,
    CheckKind.ORACLE: 1521,
    CheckKind.TOMCAT: 8080,
    CheckKind.RABBITMQ: 15672,
    CheckKind.WEBLOGIC: 7001,
}


class ChecksView(QWidget):
    """The device's checks and limits, each with a button to add one; Enter or a double click edits."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._ci_id: int | None = None
        self._address = ""
        self._measured: tuple[Measured, ...] = ()
        self.checks = Table("inspector-checks", _check_columns(), context, parent=self)
        self.limits = Table("inspector-limits", _limit_columns(), context, parent=self)
        self.checks.empty.say(tr("Nobody asks this device anything yet."))
        self.limits.empty.say(tr("Only the usual limits of its class hold."))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for title, button, add, table in (
            (tr("Checks"), tr("Add a check…"), self.add_check, self.checks),
            (tr("Limits"), tr("Add limits…"), self.add_limits, self.limits),
        ):
            layout.addLayout(self._head(title, button, add))
            table.setMinimumHeight(LIST_HEIGHT)
            layout.addWidget(table, 1)
        self.checks.activated_row.connect(self.edit_check)
        self.limits.activated_row.connect(self.edit_limits)

    def show_rows(
        self,
        ci_id: int,
        address: str,
        checks: "tuple[CheckRow, ...]",
        limits: "tuple[ThresholdRow, ...]",
        measured: "tuple[Measured, ...]",
    ) -> None:
        """Show the checks and limits of a device; `measured` is what limits can be set for."""
        self._ci_id, self._address, self._measured = ci_id, address, measured
        self.checks.set_rows(checks)
        self.limits.set_rows(limits)

    def add_check(self) -> None:
        """Ask which kind of check, then its settings."""
        kinds = kind_choices(without=POLICIES)
        kind = Field("kind", tr("Kind of check"), Kind.CHOICE, required=True, choices=kinds, initial=CheckKind.SNMP)
        form = Form(tr("Add a check"), (kind,), self._context, self, main=tr("Next"))
        form.ask(lambda values: self._add_check_of(values["kind"]))

    def edit_check(self, row: "CheckRow") -> None:
        """Open the form of a check, or a policy's page; a secret that stays empty keeps the present one."""
        if row.kind in POLICIES:
            self._context.nav.open("policies", row.id)
            return
        title = tr("Check: {kind}", kind=label(row.kind))
        form = Form(title, (*_check_fields(row.kind, row), _enabled(row.is_enabled)), self._context, self)
        again = Again.among(
            Call(devices.checks_of, (row.ci_id,)),
            row.id,
            lambda kept: (*_check_fields(kept.kind, kept), _enabled(kept.is_enabled)),
        )
        form.edits("check_item", row.id, row.version, again)
        form.run(lambda values: _save_check(row, form.version, values))

    def add_limits(self) -> None:
        """Open the form of new limits of this device."""
        metrics = {one.metric: Choice(one.metric, metric_name(one.metric)) for one in self._measured}
        what = Field("metric", tr("Figure"), Kind.CHOICE, required=True, choices=list(metrics.values()))
        which = Field("instance", tr("Only this one"), hint=tr("interface, disk …; * stands for any; empty: all"))
        form = Form(tr("Add limits"), (what, which, *_limit_fields()), self._context, self, note=_limits_note())
        key, ci_id = uuid.uuid4(), self._ci_id

        def save(values: dict[str, Any]) -> Call:
            more = {"ci_id": ci_id, "instance": values["instance"]}
            return Call(devices.add_threshold, (key, values["metric"], _limits(values)), more)

        form.run(save)

    def edit_limits(self, row: "ThresholdRow") -> None:
        """Open the form of limits; those of a class hold for all its devices."""
        title = tr("Limits: {what}", what=_metric_text(row))
        note = _limits_note() if row.ci_id is not None else tr("These hold for every device of the class.")
        fields = (*_limit_fields(row), _enabled(row.is_enabled))
        form = Form(title, fields, self._context, self, note=note)
        again = Again.among(
            Call(devices.thresholds_of, (row.ci_id, row.class_name)),
            row.id,
            lambda kept: (*_limit_fields(kept), _enabled(kept.is_enabled)),
        )
        form.edits("threshold", row.id, row.version, again)
        form.run(lambda v: Call(devices.edit_threshold, (row.id, form.version, _limits(v), v["is_enabled"])))

    def _add_check_of(self, kind: CheckKind) -> None:
        assert self._ci_id is not None
        ask_for_check(kind, self._ci_id, self._address, self._context, self)

    def _head(self, title: str, button: str, add: Any) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(12, 4, 8, 2)
        row.addWidget(PlainLabel(title, "secondary", self), 1)
        adding = QPushButton(button, self)
        adding.clicked.connect(lambda _on=False: add())
        row.addWidget(adding)
        return row


def kind_choices(without: Collection[CheckKind]) -> list[Choice]:
    """Return the kinds of checks to choose from."""
    return [Choice(kind, label(kind)) for kind in CheckKind if kind not in without]


def ask_for_check(kind: CheckKind, ci_id: int, address: str, context: Context, parent: QWidget) -> Form:
    """Open the form of a new check of a device and return it."""
    form = Form(tr("Add a check: {kind}", kind=label(kind)), _check_fields(kind), context, parent)
    form.set_values({"address": address} if kind is not CheckKind.LOCAL else {})
    key = uuid.uuid4()

    def save(values: dict[str, Any]) -> Call:
        more = _check_values(kind, values) | {"secret": _secret(values)}
        return Call(devices.add_check, (key, ci_id, kind, values.get("address", "")), more)

    return form.run(save)


def _save_check(row: "CheckRow", version: int, values: dict[str, Any]) -> Call:
    more = _check_values(row.kind, values) | {"secret": _secret(values) or None, "is_enabled": values["is_enabled"]}
    return Call(devices.edit_check, (row.id, version, values.get("address", "")), more)


def _check_values(kind: CheckKind, values: dict[str, Any]) -> dict[str, Any]:
    params = {name: str(values[name]) for name in PARAMS.get(kind, ()) if values.get(name)}
    return {
        "port": int(values["port"]) if values.get("port") else None,
        "params": params,
        "interval_s": int(values["interval_s"]),
        "retries": int(values["retries"]),
    }


def _secret(values: dict[str, Any]) -> str:
    """Return what is to be sealed: the community, or the keys of SNMP v3 as the probe reads them."""
    keys = {name: values[name] for name in V3_KEYS if values.get(name)}
    if values.get("version") == "3":
        return json.dumps(keys) if keys else ""
    return str(values.get("secret", ""))


def _check_fields(kind: CheckKind, row: "CheckRow | None" = None) -> tuple[Field, ...]:
    fields: list[Field] = []
    params: Mapping[str, str] = row.params if row else {}
    if kind is not CheckKind.LOCAL:
        fields.append(Field("address", tr("Address", context="ci"), required=True, initial=row.address if row else ""))
    if kind in USUAL_PORTS:
        port = row.port if row and row.port else USUAL_PORTS[kind]
        fields.append(Field("port", tr("Port"), Kind.NUMBER, initial=port, least=1, most=65_535, wide=False))
    if kind is CheckKind.HTTP:
        fields.append(Field("url", tr("Web address"), initial=params.get("url", ""), hint="https://…"))
        fields.append(Field("text", tr("Text that the page must hold"), initial=params.get("text", "")))
    if kind is CheckKind.SNMP:
        fields += _snmp_fields(params, has_secret=bool(row and row.has_secret))
    fields += hardware_fields(kind, params, has_secret=bool(row and row.has_secret))
    fields += database_fields(kind, params, has_secret=bool(row and row.has_secret))
    fields += middleware_fields(kind, params, has_secret=bool(row and row.has_secret))
    fields += [
        _number("interval_s", tr("Every"), row.interval_s if row else 60, 5, 86_400, tr("s", context="seconds")),
        _number("retries", tr("Repeat before it counts"), row.retries if row else 2, 0, 10),
    ]
    return tuple(fields)


def _snmp_fields(params: Mapping[str, str], *, has_secret: bool) -> list[Field]:
    versions = [Choice("2c", "v2c"), Choice("3", "v3")]
    hashes = [Choice(name, name) for name in ("MD5", "SHA", "SHA256", "SHA512")]
    ciphers = [Choice(name, name) for name in ("DES", "AES128", "AES256")]
    hint = tr("**** (kept; type to replace it)") if has_secret else ""
    return [
        Field("version", tr("SNMP version"), Kind.CHOICE, True, params.get("version", "2c"), versions, wide=False),
        Field("secret", tr("Community (v2c)"), Kind.SECRET, hint=hint, wide=False),
        Field("user", tr("User (v3)"), initial=params.get("user", "")),
        Field("auth", tr("Authentication (v3)"), Kind.CHOICE, False, params.get("auth"), hashes, wide=False),
        Field("auth_key", tr("Authentication key (v3)"), Kind.SECRET, hint=hint, wide=False),
        Field("priv", tr("Privacy (v3)"), Kind.CHOICE, False, params.get("priv"), ciphers, wide=False),
        Field("priv_key", tr("Privacy key (v3)"), Kind.SECRET, hint=hint, wide=False),
    ]


def _limit_fields(row: "ThresholdRow | None" = None) -> tuple[Field, ...]:
    titles = (tr("Critical below"), tr("Warning below"), tr("Warning above"), tr("Critical above"))
    values = [getattr(row.limits, name) if row else None for name in LIMITS]
    fields = [
        Field(name, title, initial="" if value is None else f"{value:g}", wide=False)
        for name, title, value in zip(LIMITS, titles, values, strict=True)
    ]
    back = f"{row.limits.hysteresis:g}" if row else "0"
    return (*fields, Field("hysteresis", tr("Must come back by"), initial=back, wide=False))


def _limits(values: dict[str, Any]) -> Any:
    numbers = {name: _decimal(values[name], name) for name in LIMITS}
    return devices.Limits(**numbers, hysteresis=_decimal(values["hysteresis"], "hysteresis") or 0.0)


def _decimal(text: str, field: str) -> float | None:
    """Return the number, None for an empty text. Raises BadInput."""
    if not text:
        return None
    try:
        return float(text.replace("，", ".").replace(",", "."))
    except ValueError:
        raise BadInput(tr("This is not a number."), field) from None


def _limits_note() -> str:
    return tr("What stays empty is not looked at. A value on a limit is outside.")


def _number(key: str, title: str, initial: int, least: int, most: int, unit: str = "") -> Field:
    return Field(key, title, Kind.NUMBER, initial=initial, least=least, most=most, unit=unit, wide=False)


def _enabled(is_enabled: bool) -> Field:
    return Field("is_enabled", "", Kind.FLAG, initial=is_enabled, hint=tr("In use", context="check"))


def _check_columns() -> tuple[Column, ...]:
    return (
        Column("kind", tr("Check"), lambda row: label(row.kind), 78),
        Column("address", tr("Address", context="ci"), _check_address, 90, stretch=True),
        Column("every", tr("Every"), lambda row: tr("{s} s", s=row.interval_s), 56, right=True),
        Column("secret", tr("Secret"), lambda row: "****" if row.has_secret else "", 56),
    )


def _check_address(row: "CheckRow") -> str:
    port = f":{row.port}" if row.port else ""
    off = "" if row.is_enabled else tr(" (switched off)")
    return f"{row.address}{port}{off}"


def _limit_columns() -> tuple[Column, ...]:
    return (
        Column("metric", tr("Figure"), _metric_text, 90, stretch=True),
        Column("warning", tr("Warning", context="limits"), lambda row: _range(row, "warning"), 68, right=True),
        Column("critical", tr("Critical", context="limits"), lambda row: _range(row, "critical"), 68, right=True),
        Column("of", tr("For"), _limit_scope, 64),
    )


def _metric_text(row: "ThresholdRow") -> str:
    return f"{metric_name(row.metric)} {row.instance}".strip()


def _range(row: "ThresholdRow", level: str) -> str:
    low, high = getattr(row.limits, f"{level}_low"), getattr(row.limits, f"{level}_high")
    parts = [f"< {low:g}" if low is not None else "", f"> {high:g}" if high is not None else ""]
    return " ".join(part for part in parts if part)


def _limit_scope(row: "ThresholdRow") -> str:
    words = tr("this device") if row.ci_id is not None else tr("its class")
    return words if row.is_enabled else tr("{what}, off", what=words)
