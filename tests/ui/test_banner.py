"""The banners below a list or a page."""

from pytestqt.qtbot import QtBot

from ui.banner import Banners


def test_what_is_wrong_stays_above_what_is_only_worth_knowing(qtbot: QtBot) -> None:
    banners = Banners()
    qtbot.addWidget(banners)
    banners.show_banner("late", "error", "Two incidents are late.")
    banners.show_banner("sound", "warning", "This seat cannot sound.")
    banners.show_banner("saved", "info", "Saved.")
    layout = banners.layout()
    assert layout is not None
    shown = [item.widget() for at in range(layout.count()) if (item := layout.itemAt(at)) is not None]
    assert [banner.property("level") for banner in shown if banner is not None] == ["error", "info", "warning"]
