"""What leaves the program, on paper or as a file, leaves an entry in the audit trail."""

from app.desk import Tx, command
from app.permissions import Permission


@command(Permission.EXPORT)
def left(tx: Tx, kind: str, what: str) -> None:
    """Enter that `what` was printed or saved; `kind` is print or export."""
    tx.act("print" if kind == "print" else "export", what)
