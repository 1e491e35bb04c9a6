"""All tables in one metadata: importing this module maps every class."""

from sqlalchemy import MetaData, Table

from models import (
    access,
    audit,
    backups,
    cmdb,
    duty,
    history,
    incidents,
    inspections,
    leases,
    monitoring,
    moving,
    people,
    rights,
    seats,
)
from models.base import Base

ROOMS = (
    *(access, audit, backups, cmdb, duty, history, incidents, inspections, leases, monitoring, moving, people),
    rights,
    seats,
)
metadata: MetaData = Base.metadata
HEAD = "0009"
"""The newest revision of `models/migrations`; a test holds it against the files."""


def audited_tables() -> list[Table]:
    """Return the tables whose every change is an audit entry, by name."""
    return [t for t in metadata.sorted_tables if t.info.get("audited", True)]
