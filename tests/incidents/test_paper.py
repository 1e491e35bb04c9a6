"""Incidents on paper and in Excel."""

import uuid
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2 as pdfium
from sqlalchemy import text

from app import incidents
from app.database import Database
from app.desk import Desk
from app.incidents import IncidentDraft
from app.incidents.paper import month_pdf, month_xlsx, record_pdf
from app.sheets import read_rows
from app.words import set_language
from models.enums import Medium
from tests.incidents.rooms import alarm, row


def words_in(pdf: bytes) -> str:
    document = pdfium.PdfDocument(pdf)
    return "".join(page.get_textpage().get_text_bounded() for page in document).replace("\r\n", "")


def october(desk: Desk, title: str) -> int:
    draft = IncidentDraft(title, happened_at=datetime(2026, 10, 12, 4, tzinfo=UTC))
    return desk.do(incidents.open_incident, uuid.uuid4(), draft)


def test_the_record_holds_time_line_people_told_cause_and_solution(database: Database, desk: Desk) -> None:
    set_language("zh_CN")
    first = alarm(database)
    desk.do(incidents.record_notification, first, uuid.uuid4(), "机房主管丙", Medium.MOBILE, number="6001")
    desk.do(incidents.resolve, first, row(desk, first).version, "空调滤网堵塞", "更换滤网")
    printed = words_in(record_pdf(desk, [first]))
    for words in ("事件处理单", row(desk, first).number, "机房主管丙", "空调滤网堵塞", "更换滤网", "演示员甲"):
        assert words in printed, words


def test_the_ledger_of_a_month_is_the_same_on_paper_and_in_excel(desk: Desk, tmp_path: Path) -> None:
    october(desk, "光模块功率低")
    october(desk, "=HYPERLINK(1)")
    alike = words_in(month_pdf(desk, datetime(2026, 10, 1, tzinfo=UTC).date()))
    assert "光模块功率低" in alike and "=HYPERLINK(1)" in alike
    path = tmp_path / "ledger.xlsx"
    assert month_xlsx(desk, datetime(2026, 10, 1, tzinfo=UTC).date(), path) == 2
    acts = desk.read(lambda tx: tx.connection.execute(text("SELECT kind, text FROM act WHERE kind = 'export'")).all())
    assert [tuple(act) for act in acts] == [("export", "incident ledger 2026-10: 2")]
    rows = read_rows(path)
    assert rows[0][0] == "Number"
    assert [line[6] for line in rows[1:]] == ["光模块功率低", "=HYPERLINK(1)"]
