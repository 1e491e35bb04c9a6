"""Reading back what was printed, with two readers that know nothing of each other."""

import shutil
import subprocess
from pathlib import Path

import pypdfium2
import pytest


def page_texts(data: bytes) -> list[str]:
    """Return each page's text as pdfium extracts it."""
    document = pypdfium2.PdfDocument(data)
    try:
        return [document[number].get_textpage().get_text_bounded() for number in range(len(document))]
    finally:
        document.close()


def poppler_text(data: bytes, folder: Path) -> str:
    """Return the whole text as pdftotext extracts it; skips the test where there is none."""
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    file = folder / "read.pdf"
    file.write_bytes(data)
    command = [program, "-layout", "-enc", "UTF-8", str(file), "-"]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout.decode()
