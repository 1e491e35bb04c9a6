"""The desk that is killed: `python -m app.trials.desk_writer URL [early]` opens incidents and acknowledges each.

With `early`, the control, an incident is acknowledged inside its command, before anything is committed.
"""

import itertools
import sys
import uuid

from app import incidents
from app.database import cli_identity, open_database
from app.desk import Tx, command
from app.incidents import IncidentDraft
from app.permissions import Permission


@command(Permission.INCIDENT_REGISTER)
def open_and_tell(tx: Tx, key: uuid.UUID, draft: IncidentDraft) -> int:
    """Open an incident and tell its number too early: what must lose rows when the process is killed."""
    incident_id = incidents.open_incident(tx, key, draft)
    _tell(incident_id)
    return incident_id


def write(url: str, *, is_early: bool) -> None:
    """Open incidents until something ends the process; a printed number is an acknowledged incident."""
    desk = open_database(url, create=True).desk(cli_identity(), "R1")
    for number in itertools.count():
        draft = IncidentDraft(f"R1 {number} " + "甲" * (number % 200), description="长" * (number * 37 % 3_000))
        if is_early:
            desk.do(open_and_tell, uuid.uuid4(), draft)
        else:
            _tell(desk.do(incidents.open_incident, uuid.uuid4(), draft))


def _tell(incident_id: int) -> None:
    sys.stdout.write(f"{incident_id}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    write(sys.argv[1], is_early="early" in sys.argv[2:])
