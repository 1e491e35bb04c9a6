"""All tables in one metadata: importing this module maps every class."""

from sqlalchemy import MetaData, Table

from models import (
    access,
    audit,
    backups,
    cmdb,
    duty,
    facts,
    history,
    incidents,
    inspections,
    intake,
    leases,
    monitoring,
    moving,
    network,
    people,
    rights,
    seats,
)
from models.base import Base
from models.revision import HEAD as HEAD

ROOMS = (
    *(access, audit, backups, cmdb, duty, history, incidents, inspections, intake, leases, monitoring, moving, people),
    rights,
    seats,
    facts,
    network,
)
metadata: MetaData = Base.metadata


def audited_tables() -> list[Table]:
    """Return the tables whose every change is an audit entry, by name."""
    return [t for t in metadata.sorted_tables if t.info.get("audited", True)]
