"""The machine-room access log (REQUIREMENTS E1-E3, C10): who may be inside, who is, what was carried and done."""

from typing import TYPE_CHECKING

from app.access.choices import EntryChoices, RoomChoice, entry_choices
from app.access.commands import (
    add_operation,
    announce,
    carry,
    edit_visit,
    enter,
    leave,
    let_in,
    void,
)
from app.access.entry import ItemEntry, MemberEntry, VisitEntry
from app.access.queries import (
    VIEWS,
    count,
    counted,
    counts,
    detail,
    inside,
    inside_at,
    ledger,
    listed,
    operations,
    page,
    returning,
    rows,
    summary,
)
from app.access.visit_rows import (
    Inside,
    MemberRow,
    OperationRow,
    ReturningVisitor,
    VisitDetail,
    VisitFilter,
    VisitRow,
)
from app.late import late

if TYPE_CHECKING:
    from app.access.importing import import_visits
    from app.access.paper import evacuation_pdf, month_pdf, month_xlsx
else:
    __getattr__ = late("app.access", importing=("import_visits",), paper=("evacuation_pdf", "month_pdf", "month_xlsx"))

__all__ = [
    "VIEWS",
    "EntryChoices",
    "Inside",
    "ItemEntry",
    "MemberEntry",
    "MemberRow",
    "OperationRow",
    "ReturningVisitor",
    "RoomChoice",
    "VisitDetail",
    "VisitEntry",
    "VisitFilter",
    "VisitRow",
    "add_operation",
    "announce",
    "carry",
    "count",
    "counted",
    "counts",
    "detail",
    "edit_visit",
    "enter",
    "entry_choices",
    "evacuation_pdf",
    "import_visits",
    "inside",
    "inside_at",
    "leave",
    "ledger",
    "let_in",
    "listed",
    "month_pdf",
    "month_xlsx",
    "operations",
    "page",
    "returning",
    "rows",
    "summary",
    "void",
]
