"""Rules and senders of the device log: what makes incidents, tried on recent messages, and who may send (issue B3)."""

import secrets
import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QStackedWidget

from app.errors import WatchroomError
from app.times import full_moment, to_local
from app.words import label, tr
from models.enums import Severity
from ui.context import Context
from ui.filters import Chip, ChipBar
from ui.forms import Choice, Field, Form, Kind
from ui.labels import PlainLabel
from ui.page import Page
from ui.rows import Call, Column
from ui.subjects import intake
from ui.table import Table

if TYPE_CHECKING:
    from app.intake import PersonOfV3, RuleRow, TokenRow

TOKEN_BYTES = 24
AUTHS = ("", "MD5", "SHA", "SHA224", "SHA256", "SHA384", "SHA512")
PRIVS = ("", "DES", "AES")


class IntakeRulesPage(Page):
    """The rules above; below, by turns, what the current rule makes of recent messages, and who sends."""

    def __init__(self, context: Context) -> None:
        super().__init__("config", tr("Rules and senders"), context)
        self.rules = Table("intake-rules", _rule_columns(), context, key=_rule_key, parent=self)
        self.tried = Table("intake-tried", _tried_columns(), context, parent=self)
        self.senders = Table("intake-senders", _sender_columns(), context, key=lambda row: row.address, parent=self)
        self.tokens = Table("intake-tokens", _token_columns(), context, parent=self)
        self.users = Table("intake-users", _user_columns(), context, parent=self)
        self.below = QStackedWidget(self)
        self.chips = ChipBar(_chips(), self)
        self.trouble = PlainLabel("", "error", self, wraps=True)
        self._lay_out()
        self.chips.chosen.connect(self._turn)
        self.rules.current_row_changed.connect(self.try_out)
        self.rules.activated_row.connect(lambda _row: self.change_rule())

    def show_row(self, key: object) -> None:
        self.tried.empty.show_over(not self.tried.rows.rows)
        self.refresh()

    def refresh(self) -> None:
        self.rules.fill(intake.rules)
        self.senders.fill(intake.sources)
        self.context.work.read(intake.troubles, done=self._show_troubles, failed=self._fail, owner=self)
        self.context.work.read(intake.senders, done=self._show_senders, failed=self._fail, owner=self)

    def add_rule(self) -> Form:
        """Open the form of a new rule."""
        return self._rule_form(tr("New rule"), None)

    def change_rule(self) -> Form | None:
        """Open the form of the current rule; of a shipped one a rule of the site's own is made."""
        row: RuleRow | None = self.rules.current_row
        return self._rule_form(tr("Change the rule {name}", name=row.rule.name), row) if row is not None else None

    def void_rule(self) -> None:
        """Take the site's own current rule out of force."""
        row: RuleRow | None = self.rules.current_row
        if row is None or row.id is None:
            self.banners.show_banner("step", "info", tr("Shipped rules stay: switch one off by changing it."))
            return
        self._do(intake.void_rule, row.id, row.version)

    def try_out(self, row: "RuleRow | None") -> None:
        """Show what a rule would make of the newest messages."""
        if row is not None:
            self.tried.fill(intake.try_rule, row.rule)

    def add_token(self) -> Form:
        """Make a token and show it, this once, to be copied into the other system."""
        key, token = uuid.uuid4(), secrets.token_urlsafe(TOKEN_BYTES)
        fields = (
            Field("name", tr("For which system"), required=True),
            Field("token", tr("Token"), required=True, initial=token),
        )
        note = tr("Copy the token now into the other system: only its fingerprint is kept here.")
        form = Form(tr("New token"), fields, self.context, self, note=note)
        form.saved.connect(lambda _id: self.refresh())
        return form.run(lambda values: Call(intake.add_token, (key, values["name"], values["token"])))

    def add_user(self) -> Form:
        """Ask for a user of SNMPv3 whose notifications are taken."""
        key = uuid.uuid4()
        fields = (
            Field("name", tr("User"), required=True),
            Field("auth", tr("Authentication"), Kind.CHOICE, choices=_named(AUTHS), initial="SHA", wide=False),
            Field("auth_key", tr("Authentication password"), Kind.SECRET, wide=False),
            Field("priv", tr("Encryption"), Kind.CHOICE, choices=_named(PRIVS), initial="AES", wide=False),
            Field("priv_key", tr("Encryption password"), Kind.SECRET, wide=False),
        )
        form = Form(tr("New user of SNMPv3"), fields, self.context, self)
        form.saved.connect(lambda _id: self.refresh())
        return form.run(lambda values: Call(intake.add_user, (key,), values))

    def set_up(self) -> None:
        """Ask where is listened."""
        self.context.work.read(intake.standing, done=self._open_set_up, failed=self._fail, owner=self)

    def _show_troubles(self, found: "list[str]") -> None:
        """Say what the collector says of its receivers: a port that it was refused is one that devices send to."""
        self.trouble.setText("\n".join(found))
        self.trouble.setVisible(bool(found))

    def _lay_out(self) -> None:
        may = ("intake.save_rule",)
        receivers = self.bar.add_button(tr("Receivers…"), self.set_up, needs=("intake.set_up",))
        log = self.bar.add_button(tr("Device log"), lambda: self.context.nav.open("device-log"))
        token = self.bar.add_button(tr("New token…"), self.add_token, needs=("intake.add_token",))
        user = self.bar.add_button(tr("New user…"), self.add_user, needs=("intake.add_user",))
        self.bar.add_button(tr("Take out"), self.take_out, needs=("intake.void_rule",))
        self.bar.add_button(tr("Change…"), self.change_rule, needs=may)
        self.bar.add_button(tr("New rule…"), self.add_rule, is_main=True, needs=may)
        self.bar.let_give_way((log, user, token, receivers))
        for table in (self.tried, self.senders, self.tokens, self.users):
            self.below.addWidget(table)
        self.tried.empty.say(tr("Select a rule above: this shows what it makes of the newest messages."))
        self.senders.empty.say(tr("Nobody has sent anything yet."))
        self.tokens.empty.say(tr("No other system may call the webhooks yet."), tr("New token…"), self.add_token)
        self.users.empty.say(tr("No user of SNMPv3 is known yet."), tr("New user…"), self.add_user)
        note = PlainLabel(_syntax(), "secondary", self, wraps=True)
        note.setContentsMargins(12, 4, 12, 4)
        self.trouble.setContentsMargins(12, 4, 12, 0)
        self.trouble.hide()
        self.body.addWidget(self.trouble)
        self.body.addWidget(note)
        self.body.addWidget(self.rules, 1)
        self.body.addWidget(self.chips)
        self.body.addWidget(self.below, 1)
        self.setFocusProxy(self.rules)

    def take_out(self) -> None:
        """Take out what is selected in the list in sight below, or the current rule."""
        shown = self.below.currentWidget()
        if shown is self.tokens and self.tokens.current_row is not None:
            token: TokenRow = self.tokens.current_row
            self._do(intake.void_token, token.id, token.version)
        elif shown is self.users and self.users.current_row is not None:
            user: PersonOfV3 = self.users.current_row
            self._do(intake.void_user, user.id, user.version)
        else:
            self.void_rule()

    def _turn(self, chip: str) -> None:
        self.below.setCurrentIndex([each.key for each in _chips()].index(chip))

    def _rule_form(self, title: str, row: "RuleRow | None") -> Form:
        rule, key = row.rule if row is not None else None, uuid.uuid4()
        form = Form(title, _rule_fields(rule), self.context, self, note=_syntax())
        row_id = row.id if row is not None else None
        if row is not None and row_id is not None:
            form.edits("intake_rule", row_id, row.version)
        form.saved.connect(lambda _id: self.refresh())

        def save(values: dict[str, Any]) -> Call:
            version = form.version if row_id is not None else 0
            return Call(intake.save_rule, (key, row_id, version, intake.Rule(**values)))

        return form.run(save)

    def _open_set_up(self, found: dict[str, Any]) -> None:
        port = partial(Field, kind=Kind.NUMBER, least=0, most=65_535, wide=False)
        fields = (
            Field("on", tr("Receive messages"), Kind.FLAG, initial=found["on"].value),
            Field("address", tr("Listen on address"), initial=found["address"].value, required=True),
            port("trap_port", tr("Port for traps"), initial=found["trap_port"].value),
            port("syslog_port", tr("Port for syslog"), initial=found["syslog_port"].value),
            port("webhook_port", tr("Port for webhooks"), initial=found["webhook_port"].value),
            Field("per_second", tr("Messages a second from one sender"), Kind.NUMBER, least=1, most=100_000,
                  initial=found["per_second"].value, wide=False),
            Field("keep_days", tr("Days kept"), Kind.NUMBER, least=1, most=3_650,
                  initial=found["keep_days"].value, wide=False),
            Field("certificate", tr("Certificate file of the webhooks"), initial=found["certificate"].value),
            Field("key", tr("Key file of the webhooks"), initial=found["key"].value),
        )  # fmt: skip
        note = tr("Ports 162 and 514 need rights of the machine; without them the collector listens on 1162 and 1514.")
        versions = {name: row.version for name, row in found.items()}
        form = Form(tr("Receivers"), fields, self.context, self, note=note)
        form.saved.connect(lambda _nothing: self.refresh())
        form.run(lambda values: Call(intake.set_up, (_whole(values), versions)))

    def _show_senders(self, found: "tuple[list[TokenRow], list[PersonOfV3]]") -> None:
        self.tokens.set_rows(found[0])
        self.users.set_rows(found[1])

    def _do(self, command: Any, *args: object) -> None:
        self.context.work.do(command, *args, done=lambda _none: self.refresh(), failed=self._fail, owner=self)

    def _fail(self, error: WatchroomError) -> None:
        self.banners.error(error.sentence())


def _whole(values: dict[str, Any]) -> dict[str, Any]:
    return {name: int(value) if isinstance(value, float) else value for name, value in values.items()}


def _rule_key(row: "RuleRow") -> str:
    return row.rule.name


def _named(values: tuple[str, ...]) -> list[Choice]:
    return [Choice(value, value or tr("none")) for value in values]


def _syntax() -> str:
    return tr(
        "A pattern may have “*” for any text and “|” between alternatives. Causes are told apart by the values named"
        " under “Parted by”: an OID, host, tag, or the number of a “*” of the text."
    )


def _rule_fields(rule: Any) -> tuple[Field, ...]:
    def of(name: str, default: Any = "") -> Any:
        return getattr(rule, name) if rule is not None else default

    severities = [Choice(severity, label(severity)) for severity in Severity]
    return (
        Field("name", tr("Name"), required=True, initial=of("name")),
        Field("tag", tr("Program or OID"), initial=of("tag"), wide=False),
        Field("text", tr("Text"), initial=of("text"), wide=False),
        Field("clear_tag", tr("Clears: program or OID"), initial=of("clear_tag"), wide=False),
        Field("clear_text", tr("Clears: text"), initial=of("clear_text"), wide=False),
        Field("fingerprint", tr("Parted by"), initial=of("fingerprint")),
        Field("severity", tr("Severity"), Kind.CHOICE, True, of("severity", Severity.WARNING), severities, wide=False),
        Field("title", tr("Title of the incident"), initial=of("title"), hint="{text} {name} {tag}"),
        Field("is_enabled", tr("In force"), Kind.FLAG, initial=of("is_enabled", True)),
    )


def _chips() -> tuple[Chip, ...]:
    return (
        Chip("tried", tr("Try-out")),
        Chip("senders", tr("Senders")),
        Chip("tokens", tr("Tokens of webhooks")),
        Chip("users", tr("Users of SNMPv3")),
    )


def _rule_columns() -> tuple[Column, ...]:
    return (
        Column("name", tr("Name"), lambda row: row.rule.name, 120),
        Column("severity", tr("Severity"), lambda row: label(row.rule.severity), 80),
        Column("opens", tr("Opens at"), lambda row: _both(row.rule.tag, row.rule.text), 240, stretch=True),
        Column(
            "clears", tr("Clears at"), lambda row: _both(row.rule.clear_tag, row.rule.clear_text), 200, stretch=True
        ),
        Column("title", tr("Title of the incident"), lambda row: row.rule.title, 180, stretch=True),
        Column("state", tr("State"), _state, 110),
    )


def _both(tag: str, text: str) -> str:
    return " · ".join(part for part in (tag, text) if part)


def _state(row: "RuleRow") -> str:
    if not row.rule.is_enabled:
        return tr("off")
    return tr("in force") if row.id is not None else tr("shipped")


def _tried_columns() -> tuple[Column, ...]:
    return (
        Column("at", tr("Time"), lambda tried: f"{to_local(tried.row.received_at):%m-%d %H:%M:%S}", 120),
        Column("what", tr("Would"), lambda tried: tr("clear") if tried.is_clear else tr("open"), 70),
        Column("title", tr("Title of the incident"), lambda tried: tried.title, 220, stretch=True),
        Column("device", tr("Device"), lambda tried: tried.row.device or tried.row.source, 140),
        Column(
            "text", tr("Message", context="log"), lambda tried: tried.row.text.replace("\n", "　"), 320, stretch=True
        ),
    )


def _sender_columns() -> tuple[Column, ...]:
    return (
        Column("address", tr("Sent from"), lambda row: row.address, 160),
        Column("device", tr("Device"), lambda row: row.device, 160, stretch=True),
        Column("received", tr("Received"), lambda row: f"{row.received:,}", 100, right=True),
        Column("dropped", tr("Dropped"), lambda row: f"{row.dropped:,}" if row.dropped else "", 100, right=True),
        Column("last", tr("Last message"), lambda row: full_moment(row.last_at), 150),
    )


def _token_columns() -> tuple[Column, ...]:
    return (
        Column("name", tr("For which system"), lambda row: row.name, 240, stretch=True),
        Column("made", tr("Made", context="token"), lambda row: full_moment(row.made_at), 150),
    )


def _user_columns() -> tuple[Column, ...]:
    return (
        Column("name", tr("User"), lambda row: row.name, 200, stretch=True),
        Column("auth", tr("Authentication"), lambda row: row.auth or tr("none"), 120),
        Column("priv", tr("Encryption"), lambda row: row.priv or tr("none"), 120),
    )
