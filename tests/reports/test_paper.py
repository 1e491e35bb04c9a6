"""Printed records hold what they should, page by page, and bad text stays text."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import words
from app.reports.evacuation import EvacuationSheet, Inside, evacuation_list
from app.reports.forms import Entry, empty_form, parts
from app.reports.handover import HandoverSheet, handover_record
from app.reports.incident import Event, IncidentSheet, Told, incident_record
from app.reports.inspection import Attachment, Finding, InspectionSheet, Part, Signer, blank, inspection_record, table
from app.reports.layout import MARGIN_X, lay_out
from app.reports.ledger import LedgerColumn, LedgerRow, LedgerSheet, ledger
from app.reports.paper import Column, Grid, Line, Sheet
from app.reports.press import render
from app.sheets import as_text, read_rows, write_xlsx
from app.templates import load_templates, template
from models.enums import ItemResult
from tests.reports.pdf import page_texts, poppler_text
from tests.reports.samples import SEAL, UNIT, daily_round

HOSTILE = [
    "<b>bold</b><img src=/etc/passwd>",
    "\u202egnp.exe\u202c",
    "a\x00b\x1b[31m",
    "\ud800 lone",
    "x" * 1_000_000,
    "，" * 1_000_000,
    "\n" * 100_000,
    "😀👨‍👩‍👧 ﷽ สวัสดี",
    "%s {n} \\n (unbalanced ) ( \\",
]


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    before = words.language()
    words.set_language("zh_CN")
    yield
    words.set_language(before)


def joined(data: bytes) -> str:
    return "".join(page_texts(data)).replace("\r", "").replace("\n", "")


def ledger_of(rows: int, **changes: object) -> LedgerSheet:
    lines = tuple(LedgerRow((f"V-{number:05}", "李㛃", "核对指示灯")) for number in range(rows))
    columns = (LedgerColumn("登记号"), LedgerColumn("姓名"), LedgerColumn("事由"))
    return replace(LedgerSheet("机房出入登记月度台账", UNIT, "CR-L-01", "2026-10", columns, lines), **changes)


def test_the_record_says_what_the_round_found() -> None:
    text = joined(inspection_record(daily_round()))
    for expected in (UNIT, "表单编号 XJ-R-01 第 3 版", "机房日常巡检记录", "XJ-20261123-01", "第 1 页 / 共 1 页"):
        assert expected in text
    for expected in ("▲ 异常", "226 / 226 / 228", "巡检人（签字）：", "（盖章）", "9f3c 71ab 02de 6c55", "处理意见"):
        assert expected in text
    assert text.count("▲") == 5


def test_rare_names_extract_right_with_both_readers(tmp_path: Path) -> None:
    names = "欧阳䶮 李㛃 王𬭎"
    data = inspection_record(replace(daily_round(), opinion=names, title=f"{names}记录"))
    for name in names.split():
        assert name in joined(data)
        assert name in poppler_text(data, tmp_path)


def test_a_character_that_the_font_lacks_is_a_box_and_not_a_hole() -> None:
    assert "□野" in joined(inspection_record(replace(daily_round(), opinion="𠮷野")))


def test_text_is_extracted_in_reading_order() -> None:
    text = joined(inspection_record(daily_round()))
    order = [
        text.index(words)
        for words in ("机房日常", "记录编号", "环境", "机房温度", "23.1", "供配电", "▲ 异常", "发现问题")
    ]
    assert order == sorted(order)


def test_the_font_is_embedded_as_a_subset() -> None:
    data = inspection_record(daily_round())
    assert len(data) < 200_000
    assert b"FontFile2" in data
    assert b"+NotoSansSC-Regular" in data
    assert b"+NotoSansSC-Bold" in data


def test_opinion_and_signatures_are_not_torn_apart() -> None:
    for rows in range(30, 50):
        part = Part("环境", tuple(Finding(f"项目 {number}", "18–28 °C") for number in range(rows)))
        texts = page_texts(inspection_record(replace(daily_round(), parts=(part,))))
        pages = [[words in text for text in texts].index(True) for words in ("处理意见", "（盖章）")]
        assert pages[0] == pages[1]


def test_the_same_record_gives_the_same_bytes() -> None:
    assert inspection_record(daily_round()) == inspection_record(daily_round())


def test_a_blank_form_has_items_and_standards_but_no_values() -> None:
    text = joined(blank(daily_round()))
    assert "机房温度" in text
    assert "18–28 °C" in text
    assert "▲" not in text
    assert "23.1" not in text
    assert text.count("□ 正常") == 17


def test_each_shipped_template_prints_as_a_blank_form() -> None:
    sheets = [empty_form(one, UNIT, "一号机房") for one in load_templates()]
    texts = page_texts(blank(*sheets))
    for one in load_templates():
        assert any(str(one.title) in text for text in texts)


def test_a_filled_template_marks_what_is_abnormal() -> None:
    daily = template("daily-room")
    entries = {
        "room.temperature": Entry("29.5", ItemResult.ABNORMAL, "空调故障", "23.0"),
        "room.leak": Entry("normal", ItemResult.NORMAL, last="normal"),
    }
    first = parts(daily, entries)[0].findings
    assert first[0] == Finding("机房温度", "18–28 °C", "23.0 °C", "29.5 °C", "异常", True, "空调故障")
    assert (first[2].last, first[2].now, first[2].result) == ("正常", "正常", "正常")


def test_an_item_out_of_season_is_left_out() -> None:
    monthly = template("monthly")

    def titles(month: int) -> str:
        return " ".join(one.title for part in parts(monthly, {}, month) for one in part.findings)

    assert "雷雨季节" in titles(7)
    assert "雷雨季节" not in titles(12)


def test_records_of_a_batch_are_numbered_for_themselves() -> None:
    texts = page_texts(ledger(ledger_of(100), ledger_of(5)))
    numbers = [text[text.index("第 ") :].split("\r")[0] for text in texts]
    count = len(texts) - 1
    assert numbers == [*[f"第 {page} 页 / 共 {count} 页" for page in range(1, count + 1)], "第 1 页 / 共 1 页"]


def test_the_header_row_stands_on_each_page_of_a_ledger() -> None:
    texts = page_texts(ledger(ledger_of(200)))
    assert len(texts) > 3
    assert all("登记号" in text for text in texts)
    found = [f"V-{number:05}" for number in range(200) if any(f"V-{number:05}" in text for text in texts)]
    assert len(found) == 200


def test_a_ledger_lies_across_and_says_its_period_and_totals() -> None:
    data = ledger(ledger_of(3, totals=("", "", "3 人")))
    width, height = pypdfium2.PdfDocument(data)[0].get_size()
    assert width > height
    text = joined(data)
    for expected in ("2026-10", "3 条", "合计", "3 人"):
        assert expected in text


def test_a_void_row_is_struck_through_but_for_its_reason() -> None:
    row = LedgerRow(("V-1", "李㛃", "作废：重复登记"), is_void=True)
    plain, struck = ledger_of(1), replace(ledger_of(1), rows=(row,))
    assert joined(ledger(struck)).count("作废") == 2
    assert ledger(plain) != ledger(struck)


def test_a_crowded_ledger_breaks_words_and_no_numbers() -> None:
    titles = tuple(LedgerColumn(f"第{number}栏") for number in range(8))
    cells = ("E-20261101-004", "2026-11-01", *["应用服务器现场升级与核对全部配置"] * 6)
    text = page_texts(ledger(replace(ledger_of(1), columns=titles, rows=(LedgerRow(cells),))))[0]
    assert "E-20261101-004" in text and "2026-11-01" in text


def test_an_empty_ledger_says_so() -> None:
    assert "本期无记录" in joined(ledger(ledger_of(0)))


def test_the_incident_record_tells_its_story() -> None:
    record = IncidentSheet(
        UNIT,
        "SJ-01",
        "E-20261123-022",
        ((("事件编号", "E-20261123-022"), ("设备", "UPS-1")),),
        "负载率 78 %",
        (Event("2026-11-23 08:06:07", "监控", "发生", "78 > 70"),),
        (Told("2026-11-23 08:10", "机房主管丙", "电话", "演示员甲", "到场"),),
        cause="负荷未分配",
        solution="改接 UPS-2",
        signers=(Signer("处理人", "机房主管丙", "2026-11-23 10:45"),),
        seal=SEAL,
    )
    text = joined(incident_record(record))
    for expected in (
        "事件处理单",
        "处理经过",
        "78 > 70",
        "通知情况",
        "到场",
        "原因分析",
        "预防措施",
        "处理人（签字）：",
    ):
        assert expected in text


def test_the_hand_over_lists_open_items_and_says_where_there_are_none() -> None:
    lists = (Attachment("未关闭事件", ("编号", "标题"), (("E-1", "负载高"),)), Attachment("在内人员", ("姓名",), ()))
    record = HandoverSheet(UNIT, "JJ-01", "JB-1", ((("班次", "夜班"),),), "平稳", lists, seal=SEAL)
    text = joined(handover_record(record))
    for expected in ("交接班记录", "未关闭事件 (1)", "负载高", "在内人员 (0)", "无", "需下一班办理"):
        assert expected in text


def test_the_evacuation_list_has_a_box_for_each_person() -> None:
    people = (Inside("王小明", "维保公司", "13800000000", "演示员乙", "08:05"),)
    rooms = (("一号机房", people), ("二号机房", ()))
    text = joined(evacuation_list(EvacuationSheet(UNIT, "CR-E-01", "2026-11-23 08:40:12", rooms)))
    for expected in ("机房人员撤离清单", "王小明", "□", "二号机房 (0)"):
        assert expected in text


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_bad_text_is_drawn_as_text_everywhere(text: str) -> None:
    finding = Finding(text, text, text, text, text, True, text)
    record = InspectionSheet(
        title=text,
        unit=text,
        form=text,
        number=text[:40].encode("utf-8", "replace").decode(),
        facts=(((text, text), (text, text)),),
        parts=(Part(text, (finding, finding)),),
        problems=text,
        signers=(Signer(text, text, text),),
        attachments=(Attachment(text, (text,), ((text,),)),),
        printed=text,
        seal=SEAL,
    )
    pages = page_texts(inspection_record(record))
    assert pages
    assert len(pages) < 60
    if text.startswith("<b>"):
        assert "<b>bold</b>" in "".join(pages[0].split())
    if len(text) == 1_000_000:
        assert "1,000,000" in "".join(pages).replace("\r\n", "")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.text(max_size=300), st.text(max_size=30)), min_size=1, max_size=6))
def test_any_text_prints(cells: list[tuple[str, str]]) -> None:
    findings = tuple(Finding(one, two, two, one, two, note=one) for one, two in cells)
    parts_ = (Part(cells[0][0], findings),)
    assert page_texts(inspection_record(replace(daily_round(), parts=parts_, title=cells[0][1])))


def test_a_record_goes_into_a_sheet_and_back(tmp_path: Path) -> None:
    columns, rows = table(daily_round())
    write_xlsx(tmp_path / "round.xlsx", "巡检", columns, rows)
    read = read_rows(tmp_path / "round.xlsx")
    assert read[0] == ["分区", "项目", "标准", "上次", "本次", "结果", "备注"]
    assert [tuple(as_text(value) for value in row) for row in read[1:]] == [
        tuple(row[:-1]) if not row[-1] else row for row in rows
    ]


def test_no_mark_leaves_the_paper() -> None:
    wide = Grid(tuple(Column("很宽的一列", 200) for _ in range(6)), (Line(("文字" * 300,) * 6),) * 3)
    sheet = Sheet("题", UNIT, "F", (wide,))
    pages = lay_out(sheet)
    assert len(pages) > 1
    for page in pages:
        for x1, y1, x2, y2 in page.rules:
            assert min(x1, x2) >= MARGIN_X - 0.1
            assert max(x1, x2) <= 595.3 - MARGIN_X
            assert min(y1, y2) > 25


def test_a_unit_with_a_long_name_stays_on_the_paper_and_off_its_neighbour() -> None:
    record = replace(daily_round(), unit="很长的单位名称" * 30, form="F-1 " * 60, title="很长的题目" * 20)
    page = pypdfium2.PdfDocument(inspection_record(record))[0].get_textpage()
    for number in range(page.count_rects()):
        left, _bottom, right, _top = page.get_rect(number)
        assert left >= MARGIN_X - 1
        assert right <= 595.3 - MARGIN_X + 1


def test_nothing_to_print_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="nothing"):
        render([])


def test_paper_speaks_english_too() -> None:
    words.set_language("en")
    form = empty_form(template("daily-room"), "Centre", "Room 1")
    text = joined(blank(form))
    for expected in ("Daily machine-room inspection record", "Page 1 of", "Room temperature", "(seal)"):
        assert expected in text
