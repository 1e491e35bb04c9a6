"""What is watched, by which limits, and what was seen last (REQUIREMENTS A)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Float, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Keyed, Line, Prose, Versioned, this_transaction, to, words
from models.enums import CheckKind, State


class Check(Keyed, Versioned, Base):
    """One thing the collector asks about one CI. `secret` is encrypted (community, v3 passwords)."""

    __tablename__ = "check_item"
    id: Mapped[Id]
    ci_id: Mapped[int] = mapped_column(to("ci"), index=True)
    kind: Mapped[CheckKind] = mapped_column(words(CheckKind))
    address: Mapped[Line]
    port: Mapped[int | None]
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    secret: Mapped[bytes | None] = mapped_column(LargeBinary, info={"secret": True})
    interval_s: Mapped[int] = mapped_column(default=60)
    retries: Mapped[int] = mapped_column(default=2)
    is_enabled: Mapped[bool] = mapped_column(default=True, server_default="1")


class Threshold(Keyed, Versioned, Base):
    """Limits of one metric for a CI, or for a class when `ci_id` is null; null limits are not looked at."""

    __tablename__ = "threshold"
    id: Mapped[Id]
    class_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    ci_id: Mapped[int | None] = mapped_column(to("ci"), index=True)
    metric: Mapped[str] = mapped_column(String(60))
    instance: Mapped[Line]
    warning_low: Mapped[float | None] = mapped_column(Float)
    warning_high: Mapped[float | None] = mapped_column(Float)
    critical_low: Mapped[float | None] = mapped_column(Float)
    critical_high: Mapped[float | None] = mapped_column(Float)
    hysteresis: Mapped[float] = mapped_column(Float, default=0.0, server_default="0")
    is_enabled: Mapped[bool] = mapped_column(default=True, server_default="1")


class Maintenance(Keyed, Versioned, Base):
    """A window in which a CI's alarms are muted; `ended_at` is set when somebody ends it early."""

    __tablename__ = "maintenance"
    id: Mapped[Id]
    ci_id: Mapped[int] = mapped_column(to("ci"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[Line]
    person_id: Mapped[int] = mapped_column(to("person"))
    ended_at: Mapped[datetime | None]


class DeviceState(Base):
    """What the watch says of a CI now, but for what every check changes: that is `DeviceBeat`."""

    __tablename__ = "device_state"
    __table_args__ = {"info": {"audited": False}}  # noqa: RUF012 - SQLAlchemy's own form
    ci_id: Mapped[int] = mapped_column(to("ci"), primary_key=True, autoincrement=False)
    state: Mapped[State] = mapped_column(words(State), default=State.UNKNOWN)
    since: Mapped[datetime | None]
    interval_s: Mapped[int] = mapped_column(default=60)
    summary: Mapped[Line]
    affected_by: Mapped[int | None] = mapped_column(to("ci"))
    judge: Mapped[dict[str, Any]] = mapped_column(default=dict)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)


class DeviceBeat(Base):
    """A CI's last check, in rows kept narrow: every check rewrites one. `heartbeat` holds the last 60, a byte each."""

    __tablename__ = "device_beat"
    __table_args__ = {"info": {"audited": False}}  # noqa: RUF012 - SQLAlchemy's own form
    ci_id: Mapped[int] = mapped_column(to("ci"), primary_key=True, autoincrement=False)
    checked_at: Mapped[datetime | None]
    value_text: Mapped[Line]
    heartbeat: Mapped[bytes] = mapped_column(LargeBinary, default=b"")


class StateChange(Base):
    """The append-only history of states, followed by the live feed as the trail is (DESIGN 3)."""

    __tablename__ = "state_change"
    __table_args__ = (
        Index("ix_state_change_ci_id_at", "ci_id", "at"),
        {"info": {"audited": False, "append_only": True}},
    )
    id: Mapped[Id]
    ci_id: Mapped[int] = mapped_column(to("ci"))
    at: Mapped[datetime]
    old: Mapped[State | None] = mapped_column(words(State))
    new: Mapped[State] = mapped_column(words(State))
    summary: Mapped[Line]
    affected_by: Mapped[int | None]
    transaction_id: Mapped[int | None] = mapped_column(server_default=this_transaction(), index=True)


class CollectorBeat(Base):
    """The heartbeat of one collector; a beat older than its promise makes the whole board stale."""

    __tablename__ = "collector_beat"
    __table_args__ = {"info": {"audited": False}}  # noqa: RUF012 - SQLAlchemy's own form
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]
    host: Mapped[Line]
    process_id: Mapped[int]
    program_version: Mapped[str] = mapped_column(String(24))
    devices: Mapped[int] = mapped_column(default=0)
    checks_per_minute: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[Prose]


class CheckRequest(Base):
    """'Check now' from a seat, taken by the collector that watches the device; not audited."""

    __tablename__ = "check_request"
    __table_args__ = {"info": {"audited": False}}  # noqa: RUF012 - SQLAlchemy's own form
    id: Mapped[Id]
    ci_id: Mapped[int] = mapped_column(to("ci"))
    asked_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
