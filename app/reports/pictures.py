"""Photographs for the paper: turned upright, made small, and never trusted."""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

LONGEST_SIDE = 1_400
MOST_PIXELS = 60_000_000
QUALITY = 82

_DAMAGED = (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError)


@dataclass(frozen=True, slots=True)
class Printable:
    """A JPEG fit for the paper, with its size in pixels."""

    jpeg: bytes
    width: int
    height: int


def printable(content: bytes) -> Printable | None:
    """Return the JPEG or PNG `content` made ready for the paper; None when it is damaged or beyond MOST_PIXELS."""
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG")) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return _jpeg(upright)
    except _DAMAGED:
        return None


def _jpeg(image: Image.Image) -> Printable:
    """Return `image` on white, because what is transparent would print black."""
    layered = image.convert("RGBA")
    paper = Image.new("RGB", layered.size, "white")
    paper.paste(layered, mask=layered.getchannel("A"))
    buffer = BytesIO()
    paper.save(buffer, "JPEG", quality=QUALITY)
    return Printable(buffer.getvalue(), paper.width, paper.height)
