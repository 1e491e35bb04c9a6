"""A sound per severity, repeated until somebody acknowledges."""

import io
import sys
import wave
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from models.enums import Severity
from ui.sounds import TONES, Sounds, wav


def loudness(data: bytes) -> int:
    with wave.open(io.BytesIO(data)) as sound:
        frames = sound.readframes(sound.getnframes())
    return max(abs(int.from_bytes(frames[at : at + 2], "little", signed=True)) for at in range(0, len(frames), 2))


@pytest.fixture
def player(tmp_path: Path) -> tuple[tuple[str, ...], Path]:
    """A player that only notes what it was given."""
    log = tmp_path / "played"
    script = tmp_path / "player.py"
    script.write_text(f"import sys\nopen({str(log)!r}, 'a').write(sys.argv[1] + chr(10))\n")
    return (sys.executable, str(script)), log


def test_a_tone_is_a_wav_file_as_loud_as_asked() -> None:
    loud, quiet = wav(TONES[Severity.CRITICAL], 1.0), wav(TONES[Severity.CRITICAL], 0.25)
    assert loudness(quiet) == pytest.approx(loudness(loud) / 4, rel=0.01)
    assert loudness(wav(TONES["call"], 0)) == 0


def test_each_severity_has_a_sound_of_its_own() -> None:
    assert len({wav(tones, 0.5) for tones in TONES.values()}) == len(TONES)
    assert set(Severity) <= set(TONES)


def test_a_sound_repeats_until_it_is_stopped(
    qtbot: QtBot, player: tuple[tuple[str, ...], Path], tmp_path: Path
) -> None:
    command, log = player
    sounds = Sounds(command=command, folder=tmp_path)
    sounds._pause.setInterval(1)
    sounds.start(Severity.CRITICAL)
    qtbot.waitUntil(lambda: log.exists() and len(log.read_text().splitlines()) >= 3)
    sounds.stop()
    qtbot.waitUntil(lambda: not sounds.is_busy)
    assert not sounds._pause.isActive()
    assert sounds.playing == ""


def test_a_sound_that_can_not_be_written_is_said_and_tried_again(
    qtbot: QtBot, player: tuple[tuple[str, ...], Path], tmp_path: Path
) -> None:
    """As on a full disk: no crash, and the alarm sounds once there is room."""
    command, log = player
    (tmp_path / "taken").write_text("no folder")
    sounds = Sounds(command=command, folder=tmp_path / "taken")
    sounds._pause.setInterval(1)
    with qtbot.waitSignal(sounds.cannot_sound):
        sounds.start(Severity.CRITICAL)
    (tmp_path / "taken").unlink()
    qtbot.waitUntil(log.exists)
    sounds.stop()
    qtbot.waitUntil(lambda: not sounds.is_busy)


def test_a_seat_without_a_player_says_so(qtbot: QtBot, tmp_path: Path) -> None:
    sounds = Sounds(command=("no-such-player",), folder=tmp_path)
    with qtbot.waitSignal(sounds.cannot_sound):
        sounds.start(Severity.WARNING)
    sounds.stop()


def test_silencing_is_told_and_the_next_alarm_sounds_again(
    qtbot: QtBot, player: tuple[tuple[str, ...], Path], tmp_path: Path
) -> None:
    command, log = player
    sounds = Sounds(command=command, folder=tmp_path)
    sounds.start(Severity.WARNING)
    with qtbot.waitSignal(sounds.silenced):
        sounds.silence()
    qtbot.waitUntil(lambda: not sounds.is_busy)
    sounds.start(Severity.CRITICAL)
    qtbot.waitUntil(lambda: log.exists() and "critical" in log.read_text())
    sounds.stop()
    qtbot.waitUntil(lambda: not sounds.is_busy)
