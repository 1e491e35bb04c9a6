"""A short round of R8 on the screen; `watchroom trials R8` puts 5,000 texts through the window."""

import pytest
from pytestqt.qtbot import QtBot

from app.desk import Desk
from ui import trial_r8

TEXTS = 300
FROZEN_MS = 2_000
"""Far above the trial's own limit: a busy machine must not fail a test, which the control, as busy, measures too."""


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_text_freezes_lists_tooltips_forms_or_paper(qtbot: QtBot, desk: Desk) -> None:
    *parts, control = trial_r8.run(lambda: desk, TEXTS)
    assert {"list", "tooltips", "forms", "PDF and Excel"} < {part.name for part in parts}
    slow = {
        part.name: (part.longest_ms, part.worst)
        for part in parts
        if part.longest_ms > max(FROZEN_MS, control.longest_ms)
    }
    assert slow == {}
    assert control.longest_ms > trial_r8.MOST_MS
