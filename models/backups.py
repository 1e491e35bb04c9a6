"""Backup plans, runs, restore tests and the daily check (REQUIREMENTS F1-F4)."""

from datetime import date, datetime

from sqlalchemy import Date, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Keyed, Line, Prose, Recorded, Versioned, Voidable, to, words
from models.enums import BackupContent, BackupFormat, BackupResult


class BackupPlan(Keyed, Versioned, Voidable, Base):
    """What is backed up, when, for how long. `rule` is an RRULE in local time; a run is late after `grace_minutes`."""

    __tablename__ = "backup_plan"
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(120))
    ci_id: Mapped[int | None] = mapped_column(to("ci"), index=True)
    content: Mapped[BackupContent] = mapped_column(words(BackupContent))
    format: Mapped[BackupFormat] = mapped_column(words(BackupFormat), default=BackupFormat.MANUAL)
    job: Mapped[Line]
    host: Mapped[Line]
    rule: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[datetime]
    grace_minutes: Mapped[int] = mapped_column(default=120)
    medium: Mapped[Line]
    retention_days: Mapped[int] = mapped_column(default=30)
    importance: Mapped[Line]
    approved_by: Mapped[Line]
    restore_test_days: Mapped[int] = mapped_column(default=365)
    is_enabled: Mapped[bool] = mapped_column(default=True, server_default="1")


class BackupRun(Keyed, Recorded, Versioned, Base):
    """One run, expected or reported. `external_id` names the tool's own run: the same run twice is one row."""

    __tablename__ = "backup_run"
    id: Mapped[Id]
    plan_id: Mapped[int | None] = mapped_column(to("backup_plan"), index=True)
    job: Mapped[Line]
    host: Mapped[Line]
    format: Mapped[BackupFormat] = mapped_column(words(BackupFormat), default=BackupFormat.MANUAL)
    external_id: Mapped[str | None] = mapped_column(String(200), unique=True)
    expected_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    result: Mapped[BackupResult] = mapped_column(words(BackupResult), default=BackupResult.EXPECTED)
    size_bytes: Mapped[int | None]
    files: Mapped[int | None]
    message: Mapped[Prose]
    __table_args__ = (
        Index(
            "ix_backup_run_expected",
            "plan_id",
            "expected_at",
            unique=True,
            sqlite_where=text("expected_at IS NOT NULL"),
            postgresql_where=text("expected_at IS NOT NULL"),
        ),
    )

    @property
    def is_red(self) -> bool:
        """Whether somebody must look at it."""
        return self.result in (BackupResult.FAILED, BackupResult.MISSING, BackupResult.LATE)


class RestoreTest(Keyed, Recorded, Voidable, Base):
    """A restore that was tried (REQUIREMENTS F4)."""

    __tablename__ = "restore_test"
    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(to("backup_plan"), index=True)
    run_id: Mapped[int | None] = mapped_column(to("backup_run"))
    succeeded: Mapped[bool]
    duration_minutes: Mapped[int | None]
    person_id: Mapped[int | None] = mapped_column(to("person"))
    note: Mapped[Prose]


class BackupCheck(Keyed, Recorded, Base):
    """The signed daily check of the backup log (REQUIREMENTS F3); one per day."""

    __tablename__ = "backup_check"
    __table_args__ = {"info": {"append_only": True}}  # noqa: RUF012 - SQLAlchemy's own form
    id: Mapped[Id]
    day: Mapped[date] = mapped_column(Date, unique=True)
    person_id: Mapped[int] = mapped_column(to("person"))
    expected: Mapped[int]
    succeeded: Mapped[int]
    note: Mapped[Prose]


class DatabaseCopy(Base):
    """An online copy of Watchroom's own database: where, whether it is whole; not audited."""

    __tablename__ = "database_copy"
    __table_args__ = {"info": {"audited": False}}  # noqa: RUF012 - SQLAlchemy's own form
    id: Mapped[Id]
    made_at: Mapped[datetime]
    path: Mapped[str] = mapped_column(String(400))
    size_bytes: Mapped[int]
    is_good: Mapped[bool]
    detail: Mapped[Prose]
