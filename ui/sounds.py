"""The alarm's sound: a tone per severity, made in memory, played by what the system has, until told to stop.

Seeing is not acknowledging (UX rule 2): a sound repeats until somebody acknowledges or silences this seat.
"""

import math
import struct
import sys
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, QProcess, QStandardPaths, QTimer, Signal

from models.enums import Severity
from ui.folders import own_folder

RATE = 22_050
PLAYERS = (("pw-play",), ("paplay",), ("aplay", "-q"))
PAUSE_MS = 1_600
FADE_S = 0.008


class Tone(NamedTuple):
    """One beep; a rest where `hertz` is 0."""

    hertz: float
    seconds: float


TONES: dict[str, tuple[Tone, ...]] = {
    Severity.WARNING: (Tone(660, 0.16), Tone(0, 0.08), Tone(660, 0.16)),
    Severity.CRITICAL: (Tone(988, 0.14), Tone(740, 0.14), Tone(988, 0.14), Tone(740, 0.14), Tone(988, 0.22)),
    "pressing": (Tone(880, 0.12), Tone(0, 0.05)) * 4,
    "urgent": (Tone(1175, 0.09), Tone(0, 0.05)) * 6,
    "call": (Tone(523, 0.18), Tone(659, 0.18), Tone(784, 0.28)),
}
"""By severity; `pressing` when the 10-minute clock has run past 5 minutes, `urgent` past 8, `call` a plain notice."""


def wav(tones: Sequence[Tone], volume: float) -> bytes:
    """Return the tones as a WAV file's bytes: mono, 16 bits, `volume` (0..1) applied, edges faded against clicks."""
    samples = array("h")
    loudest = 32_000 * min(1.0, max(0.0, volume))
    for tone in tones:
        count = round(tone.seconds * RATE)
        edge = max(1, round(FADE_S * RATE))
        for at in range(count):
            fade = min(1.0, at / edge, (count - at) / edge)
            samples.append(round(loudest * fade * math.sin(2 * math.pi * tone.hertz * at / RATE)))
    if sys.byteorder == "big":
        samples.byteswap()
    body = samples.tobytes()
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, RATE * 2, 2, 16)
    return b"RIFF" + struct.pack("<I", 4 + len(form) + 8 + len(body)) + b"WAVE" + form + _chunk(body)


def _chunk(body: bytes) -> bytes:
    return b"data" + struct.pack("<I", len(body)) + body


def player() -> tuple[str, ...] | None:
    """Return the command that plays a WAV file here; empty on Windows, whose own call does; None with neither."""
    if sys.platform == "win32":
        return ()
    return next((command for command in PLAYERS if QStandardPaths.findExecutable(command[0])), None)


class Sounds(QObject):
    """Plays one tone at a time, the worse one winning; `start` repeats it until `stop` or `silence`."""

    cannot_sound = Signal()
    """This seat has no player, or the player fails: the window says so in a banner."""
    silenced = Signal()

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        volume: float = 0.8,
        command: tuple[str, ...] | None = None,
        folder: Path | None = None,
    ) -> None:
        super().__init__(parent)
        self._command = player() if command is None else command
        self._folder = folder or Path(own_folder(self).path())
        self._volume = volume
        self._name = ""
        self._files: dict[tuple[str, float], Path] = {}
        self._process = QProcess(self)
        self._process.finished.connect(self._finish)
        self._process.errorOccurred.connect(self._fail)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._play)

    @property
    def is_busy(self) -> bool:
        """Whether a beep is being played at this moment."""
        return self._process.state() is not QProcess.ProcessState.NotRunning

    @property
    def playing(self) -> str:
        """The name of the tone that repeats now, or an empty text."""
        return self._name

    def set_volume(self, volume: float) -> None:
        """Make the next beep as loud as `volume` (0..1)."""
        self._volume = volume

    def start(self, name: str) -> None:
        """Repeat a tone (a key of TONES) from now on; what is repeating already goes on."""
        if name != self._name:
            self._name = name
            self._pause.stop()
            self._play()

    def stop(self) -> None:
        """End the sound: everything is acknowledged."""
        self._name = ""
        self._pause.stop()

    def silence(self) -> None:
        """End this sound at this seat; the clocks go on, and the next alarm sounds again."""
        if self._name:
            self.stop()
            self.silenced.emit()

    def try_out(self, name: str) -> None:
        """Play a tone once (the test button)."""
        self._run(name)

    def _play(self) -> None:
        if self._name:
            self._run(self._name)

    def _run(self, name: str) -> None:
        if self.is_busy:
            return
        if self._command is None:
            self.cannot_sound.emit()
            return
        try:
            path = self._file(name)
        except OSError:  # a full disk, a folder that may no longer be read: said, and tried again
            self.cannot_sound.emit()
            self._wait()
            return
        if not self._command:
            _play_on_windows(path)
            self._wait()
        else:
            self._process.start(self._command[0], [*self._command[1:], str(path)])

    def _finish(self, code: int) -> None:
        if code:
            self.cannot_sound.emit()
        self._wait()

    def _fail(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self.cannot_sound.emit()
            self._wait()

    def _wait(self) -> None:
        """Play again after the pause, while the alarm lasts."""
        if self._name:
            self._pause.start()

    def _file(self, name: str) -> Path:
        key = (name, self._volume)
        path = self._files.get(key)
        if path is None or not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._files[key] = self._folder / f"{name}-{round(self._volume * 100)}.wav"
            path.write_bytes(wav(TONES[name], self._volume))
        return path


def _play_on_windows(path: Path) -> None:
    if sys.platform == "win32":
        import winsound

        winsound.PlaySound(str(path), winsound.SND_FILENAME | winsound.SND_ASYNC)
