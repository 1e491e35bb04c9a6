"""What devices and other monitors send: the device log, the rules that make incidents of it, who may send."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Keyed, Line, Prose, Versioned, to, words
from models.enums import MessageKind, Severity

_UNAUDITED = {"info": {"audited": False}}


class DeviceLog(Base):
    """One message as it came, never changed; old ones are dropped by their class's retention.

    `level` is syslog's severity, 0 the worst to 7; `tag` is the program of a syslog line, the OID of a trap, or the
    sender's own name of an alert.
    """

    __tablename__ = "device_log"
    __table_args__ = (
        Index("ix_device_log_ci_id_id", "ci_id", "id"),
        Index("ix_device_log_received_at", "received_at"),
        _UNAUDITED,
    )
    id: Mapped[Id]
    received_at: Mapped[datetime]
    kind: Mapped[MessageKind] = mapped_column(words(MessageKind))
    source: Mapped[str] = mapped_column(String(60))
    ci_id: Mapped[int | None] = mapped_column(to("ci"))
    level: Mapped[int]
    host: Mapped[str] = mapped_column(String(120))
    tag: Mapped[str] = mapped_column(String(120))
    text: Mapped[Prose]


class IntakeMark(Base):
    """How far one collector's spool is in the database: written with what was read, so that nothing comes twice."""

    __tablename__ = "intake_mark"
    __table_args__ = _UNAUDITED
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    file: Mapped[int]
    place: Mapped[int]


class IntakeSource(Base):
    """What came from one address, and what of it was dropped at the limit."""

    __tablename__ = "intake_source"
    __table_args__ = _UNAUDITED
    address: Mapped[str] = mapped_column(String(60), primary_key=True)
    received: Mapped[int]
    dropped: Mapped[int]
    last_at: Mapped[datetime]
    dropped_at: Mapped[datetime | None]


class IntakeAlert(Base):
    """The newest known episode of another monitor's alert, so that a replay of an older one changes nothing."""

    __tablename__ = "intake_alert"
    __table_args__ = _UNAUDITED
    cause_key: Mapped[str] = mapped_column(String(200), primary_key=True)
    episode: Mapped[str] = mapped_column(String(60))
    is_resolved: Mapped[bool]
    at: Mapped[datetime]


class IntakeRule(Keyed, Versioned, Base):
    """Which messages open an incident and which clear it; one named like a shipped rule stands before that."""

    __tablename__ = "intake_rule"
    id: Mapped[Id]
    name: Mapped[Line]
    tag: Mapped[Line]
    text: Mapped[Line]
    clear_tag: Mapped[Line]
    clear_text: Mapped[Line]
    fingerprint: Mapped[Line]
    severity: Mapped[Severity] = mapped_column(words(Severity))
    title: Mapped[Line]
    is_enabled: Mapped[bool] = mapped_column(default=True, server_default="1")
    voided_at: Mapped[datetime | None]


class IntakeToken(Keyed, Versioned, Base):
    """Who may call the webhooks: the digest of a random token that is shown once."""

    __tablename__ = "intake_token"
    id: Mapped[Id]
    name: Mapped[Line]
    digest: Mapped[str] = mapped_column(String(64), info={"secret": True})
    made_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]


class IntakeUser(Keyed, Versioned, Base):
    """A user of SNMPv3 whose traps and informs are taken; `secret` is encrypted."""

    __tablename__ = "intake_user"
    id: Mapped[Id]
    name: Mapped[Line]
    auth: Mapped[str] = mapped_column(String(12), default="", server_default="")
    priv: Mapped[str] = mapped_column(String(12), default="", server_default="")
    secret: Mapped[bytes | None] = mapped_column(LargeBinary, info={"secret": True})
    voided_at: Mapped[datetime | None]
