"""Amounts of data as people read them."""

STEPS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
STEP = 1024


def size(count: int) -> str:
    """Return bytes in the greatest unit that leaves a whole part: "812 B", "5.3 GiB"."""
    amount, place = float(count), 0
    while amount >= STEP and place < len(STEPS) - 1:
        amount, place = amount / STEP, place + 1
    return f"{count} B" if place == 0 else f"{amount:.1f} {STEPS[place]}"
