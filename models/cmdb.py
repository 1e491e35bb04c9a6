"""Configuration items, their places, types and relations (REQUIREMENTS D1, D2)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Float, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Keyed, Line, Prose, Versioned, Voidable, to, words
from models.enums import CiState, PlaceKind, RelationKind


class Place(Keyed, Versioned, Voidable, Base):
    """A site, machine room, row or rack; a tree by `parent_id`. `height_u` is a rack's."""

    __tablename__ = "place"
    id: Mapped[Id]
    parent_id: Mapped[int | None] = mapped_column(to("place"), index=True)
    kind: Mapped[PlaceKind] = mapped_column(words(PlaceKind))
    name: Mapped[str] = mapped_column(String(120))
    height_u: Mapped[float | None] = mapped_column(Float)
    room_class: Mapped[str] = mapped_column(String(1), default="", server_default="")
    search: Mapped[Line]
    note: Mapped[Prose]


class DeviceType(Base):
    """A maker's model from a device-type library; importing the same content again changes nothing."""

    __tablename__ = "device_type"
    id: Mapped[Id]
    maker: Mapped[str] = mapped_column(String(120), index=True)
    model: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(200), unique=True)
    part_number: Mapped[Line]
    u_height: Mapped[float] = mapped_column(Float)
    is_full_depth: Mapped[bool]
    details: Mapped[dict[str, Any]]
    content_hash: Mapped[str] = mapped_column(String(64))


class Ci(Keyed, Versioned, Voidable, Base):
    """A configuration item. `class_name` is a class of `app.ci_classes`, `attributes` hold that class's own fields.

    `u_bottom` is the lowest U it fills in the rack `place_id` (decimal), `parent_id` the device through which it is
    reached: while that one is down, alarms of this one are suppressed.
    """

    __tablename__ = "ci"
    id: Mapped[Id]
    class_name: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    code: Mapped[Line]
    state: Mapped[CiState] = mapped_column(words(CiState), default=CiState.IN_USE)
    maker: Mapped[Line]
    model: Mapped[Line]
    device_type_id: Mapped[int | None] = mapped_column(to("device_type"))
    serial: Mapped[Line]
    firmware: Mapped[Line]
    address: Mapped[Line]
    place_id: Mapped[int | None] = mapped_column(to("place"))
    u_bottom: Mapped[float | None] = mapped_column(Float)
    u_height: Mapped[float | None] = mapped_column(Float)
    parent_id: Mapped[int | None] = mapped_column(to("ci"), index=True)
    owner_id: Mapped[int | None] = mapped_column(to("person"))
    maintainer_id: Mapped[int | None] = mapped_column(to("contact"))
    supplier: Mapped[Line]
    bought_on: Mapped[date | None] = mapped_column(Date)
    warranty_until: Mapped[date | None] = mapped_column(Date)
    purpose: Mapped[Line]
    persons_allowed: Mapped[Line]
    note: Mapped[Prose]
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    search: Mapped[str] = mapped_column(String(400), default="", server_default="")
    __table_args__ = (
        Index("ix_ci_class_name_name", "class_name", "name", "id"),
        Index("ix_ci_place_id_name", "place_id", "name", "id"),
        Index("ix_ci_address", "address"),
        Index("ix_ci_code", "code"),
    )


class Relation(Keyed, Base):
    """`source_id` KIND `target_id`, until `ended_at`."""

    __tablename__ = "relation"
    id: Mapped[Id]
    kind: Mapped[RelationKind] = mapped_column(words(RelationKind))
    source_id: Mapped[int] = mapped_column(to("ci"), index=True)
    target_id: Mapped[int] = mapped_column(to("ci"), index=True)
    note: Mapped[Line]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "ix_relation_held",
            "kind",
            "source_id",
            "target_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
