"""The banners below a list or a page."""

from pytestqt.qtbot import QtBot

from ui.banner import Banner, Banners


def test_what_is_wrong_stays_above_what_is_only_worth_knowing(qtbot: QtBot) -> None:
    banners = Banners()
    qtbot.addWidget(banners)
    banners.show_banner("late", "error", "Two incidents are late.")
    banners.show_banner("sound", "warning", "This seat cannot sound.")
    banners.show_banner("saved", "info", "Saved.")
    banners.resize(400, 120)
    shown = [each for each in banners.findChildren(Banner) if each.isVisibleTo(banners)]
    banners.grab()
    levels = [banner.property("level") for banner in sorted(shown, key=lambda banner: banner.y())]
    assert levels == ["error", "info", "warning"]
