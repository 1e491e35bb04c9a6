"""Rounds, their values and findings (REQUIREMENTS G1)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Keyed, Line, Prose, Recorded, Versioned, Voidable, to, words
from models.enums import InspectionState, ItemResult


class TemplateChange(Keyed, Versioned, Base):
    """The site's own limits of one item of a shipped template, by template code and item code."""

    __tablename__ = "template_change"
    id: Mapped[Id]
    template: Mapped[str] = mapped_column(String(40))
    item: Mapped[str] = mapped_column(String(60))
    limits: Mapped[dict[str, Any]]
    __table_args__ = (Index("ix_template_change_item", "template", "item", unique=True),)


class InspectionPlan(Keyed, Versioned, Voidable, Base):
    """Which round is due when: `rule` is an RRULE in local time, counted from `starts_on`."""

    __tablename__ = "inspection_plan"
    id: Mapped[Id]
    template: Mapped[str] = mapped_column(String(40))
    room_id: Mapped[int | None] = mapped_column(to("place"))
    rule: Mapped[str] = mapped_column(String(200))
    starts_on: Mapped[date] = mapped_column(Date)
    grace_days: Mapped[int] = mapped_column(default=1)
    assignee_id: Mapped[int | None] = mapped_column(to("person"))
    is_enabled: Mapped[bool] = mapped_column(default=True, server_default="1")


class Inspection(Keyed, Recorded, Versioned, Voidable, Base):
    """One round. After both signatures it never changes; a correction is a new row that names it.

    From the day `late_on` an unsigned round counts as overdue.
    """

    __tablename__ = "inspection"
    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(24), unique=True)
    template: Mapped[str] = mapped_column(String(40))
    template_version: Mapped[int]
    plan_id: Mapped[int | None] = mapped_column(to("inspection_plan"), index=True)
    room_id: Mapped[int | None] = mapped_column(to("place"))
    due_on: Mapped[date | None] = mapped_column(Date)
    late_on: Mapped[date | None] = mapped_column(Date)
    state: Mapped[InspectionState] = mapped_column(words(InspectionState), default=InspectionState.DRAFT)
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    inspector_id: Mapped[int | None] = mapped_column(to("person"))
    witness_id: Mapped[int | None] = mapped_column(to("person"))
    opinion: Mapped[Prose]
    corrects_id: Mapped[int | None] = mapped_column(to("inspection"))
    correction_reason: Mapped[Line]
    __table_args__ = (
        Index(
            "ix_inspection_due",
            "plan_id",
            "due_on",
            unique=True,
            sqlite_where=text("due_on IS NOT NULL AND corrects_id IS NULL AND voided_at IS NULL"),
            postgresql_where=text("due_on IS NOT NULL AND corrects_id IS NULL AND voided_at IS NULL"),
        ),
        Index("ix_inspection_state", "state", "due_on", "id"),
        Index("ix_inspection_last", "template", "room_id", "state", "happened_at"),
    )

    @property
    def is_fillable(self) -> bool:
        return self.state is InspectionState.DRAFT

    @property
    def can_be_voided(self) -> bool:
        return self.state not in (InspectionState.VOID, InspectionState.CORRECTED)


class InspectionValue(Versioned, Base):
    """What was found at one item. `limits` freeze the range that it was judged by."""

    __tablename__ = "inspection_value"
    id: Mapped[Id]
    inspection_id: Mapped[int] = mapped_column(to("inspection"))
    item: Mapped[str] = mapped_column(String(60))
    value: Mapped[Line]
    result: Mapped[ItemResult | None] = mapped_column(words(ItemResult))
    note: Mapped[Prose]
    limits: Mapped[dict[str, Any]] = mapped_column(default=dict)
    measured_at: Mapped[datetime | None]
    incident_id: Mapped[int | None] = mapped_column(to("incident"))
    work_order_id: Mapped[int | None] = mapped_column(to("work_order"))
    __table_args__ = (Index("ix_inspection_value_item", "inspection_id", "item", unique=True),)
