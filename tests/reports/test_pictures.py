"""Photographs are printed upright and small; what is no picture is said to be none."""

import struct
import zlib
from dataclasses import replace
from io import BytesIO

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from PIL import Image

from app.reports.inspection import Photo, inspection_record
from app.reports.pictures import LONGEST_SIDE, printable
from tests.reports.pdf import page_texts
from tests.reports.samples import daily_round


def picture(width: int, height: int, form: str = "JPEG", turned: int = 1) -> bytes:
    image = Image.new("RGB", (width, height), "#3060a0")
    exif = Image.Exif()
    exif[0x0112] = turned
    buffer = BytesIO()
    image.save(buffer, form, exif=exif)
    return buffer.getvalue()


def images_on(data: bytes) -> list[tuple[float, float, float, float]]:
    """Return left, bottom, right and top of each picture in the PDF."""
    document = pypdfium2.PdfDocument(data)
    found = []
    for page in document:
        found += [thing.get_bounds() for thing in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE])]
    return found


def test_a_photograph_is_made_small() -> None:
    made = printable(picture(4_000, 3_000))
    assert made is not None
    assert (made.width, made.height) == (LONGEST_SIDE, LONGEST_SIDE * 3 // 4)


def test_a_photograph_taken_sideways_stands_upright() -> None:
    made = printable(picture(400, 300, turned=6))
    assert made is not None
    assert (made.width, made.height) == (300, 400)


def test_what_is_transparent_is_white() -> None:
    buffer = BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(buffer, "PNG")
    made = printable(buffer.getvalue())
    assert made is not None
    assert Image.open(BytesIO(made.jpeg)).getpixel((0, 0)) == (255, 255, 255)


def bomb() -> bytes:
    """Return a PNG of a few hundred bytes that claims 3,600 million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("content", [b"", b"GIF89a", picture(200, 200)[:500], bomb()])
def test_what_is_no_picture_is_none(content: bytes) -> None:
    assert printable(content) is None


def test_photographs_stand_behind_the_record_two_in_a_row() -> None:
    photos = tuple(Photo(f"机房温度 {number}", picture(800, 600)) for number in range(5))
    data = inspection_record(replace(daily_round(), photos=photos))
    bounds = images_on(data)
    assert len(bounds) == 5
    assert all(left > 37 and right < 559 and bottom > 60 for left, bottom, right, _top in bounds)
    assert all(f"机房温度 {number}" in "".join(page_texts(data)) for number in range(5))


def test_a_damaged_photograph_is_named_and_the_record_printed() -> None:
    record = replace(daily_round(), photos=(Photo("UPS-1", b"no picture"),))
    assert "can't be printed" in "".join(page_texts(inspection_record(record)))
