"""P12: a page of wrapped Chinese cells against the bare canvas, and whether the thousandth page costs more.

The floor draws the same lines and rules, broken and placed beforehand, with `drawString` and `line`. CPU time, ours
and the floor by turns, the median of the pairwise ratios (PERFORMANCE).
"""

from collections.abc import Callable
from io import BytesIO
from statistics import median
from time import process_time

from reportlab.pdfgen.canvas import Canvas

from app.reports import fonts
from app.reports.layout import Page, lay_out, page_size
from app.reports.paper import Align, Column, Grid, Line, Sheet
from app.reports.press import render

ROUNDS = 7
ROWS_A_PAGE = 9
WORDS = (
    "更换磁盘阵列控制器电池，核对指示灯与告警；",
    "市电闪断 3 s，UPS 正常切换。",
    "负载率 78 %，超过警戒值（70 %）：",
    "移负荷至 UPS-2",
)


def ledger_sheet(pages: int) -> Sheet:
    """Return a sheet of at least `pages` pages across, five of its eight columns with text that wraps."""
    columns = (
        Column("序号", 30, Align.CENTER),
        Column("编号", 92),
        *[Column(title, grow=1.0) for title in ("现象", "原因", "处理", "影响范围", "备注")],
        Column("用时", 44, Align.RIGHT),
    )
    lines = tuple(
        Line((str(row), f"E-2026-{row:06}", *[_text(row + place) for place in range(5)], f"{row % 97}:00"))
        for row in range(pages * ROWS_A_PAGE)
    )
    return Sheet("事件月度台账", "示例信息中心", "SJ-L-01", (Grid(columns, lines),), landscape=True)


def _text(seed: int) -> str:
    return "".join(WORDS[(seed * 7 + part) % len(WORDS)] for part in range(1 + seed % 3))


def bare(sheet: Sheet, pages: list[Page]) -> bytes:
    """Draw what was laid out with the canvas's plainest calls."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=page_size(sheet), invariant=1, pageCompression=1)
    for page in pages:
        for x, y, width, height, colour in page.fills:
            canvas.setFillColorRGB(*colour)
            canvas.rect(x, y, width, height, stroke=0, fill=1)
        canvas.setLineWidth(0.5)
        for rule in page.rules:
            canvas.line(*rule)
        canvas.setFillGray(0.07)
        current = None
        for x, y, text, looks in page.texts:
            if looks != current:
                current = looks
                canvas.setFont((fonts.bold() if looks[0] else fonts.regular()).fontName, looks[1])
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def cpu_s(work: Callable[[], object]) -> float:
    started = process_time()
    work()
    return process_time() - started


def line(name: str, ours_ms: float, floor_ms: float, ratio: float, goal: float) -> str:
    verdict = "ok" if ratio <= goal else "MISSED"
    return f"{name:<44} ours {ours_ms:8.2f} ms  floor {floor_ms:8.2f} ms  ratio {ratio:5.2f}  goal <= {goal}  {verdict}"


def bench_page() -> str:
    sheet = ledger_sheet(20)
    pages = lay_out(sheet)
    render([sheet])
    bare(sheet, pages)
    pairs = [(cpu_s(lambda: render([sheet])), cpu_s(lambda: bare(sheet, pages))) for _ in range(ROUNDS)]
    ratio = median(ours / floor for ours, floor in pairs)
    ours, floor = (median(column) * 1000 / len(pages) for column in zip(*pairs, strict=True))
    return line("P12 a page with wrapped Chinese cells", ours, floor, ratio, 1.5)


def bench_growth() -> str:
    few, many = ledger_sheet(100), ledger_sheet(1_000)
    few_pages, many_pages = len(lay_out(few)), len(lay_out(many))
    pairs = [(cpu_s(lambda: render([many])) / many_pages, cpu_s(lambda: render([few])) / few_pages) for _ in range(3)]
    ratio = median(ours / floor for ours, floor in pairs)
    ours, floor = (median(column) * 1000 for column in zip(*pairs, strict=True))
    return line(f"P12 a page of {many_pages:,} / a page of {few_pages:,}", ours, floor, ratio, 1.1)


def main() -> None:
    print(bench_page())
    print(bench_growth())


if __name__ == "__main__":
    main()
