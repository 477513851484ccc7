"""The volume of the hall screen's loudspeaker."""

from __future__ import annotations

import re

from installation.machine import Machine, Ran
from installation.steps.step import SystemStep
from protocol.vocabulary import Text

CONTROLS = ("Master", "PCM", "Headphone", "Speaker", "Digital", "HDMI")
"""Names of the control of a card's loudness, the usual ones first."""
_CARD = re.compile(r"CARD=(\w+)")


class VolumeStep(SystemStep):
    """The card plays as loud as answered."""

    def __init__(self, machine: Machine, *, volume: int, sound_card: str | None) -> None:
        self.purpose = Text(zh=f"音量 {volume}%", en=f"volume {volume} %")
        self._machine = machine
        self._volume = volume
        found = _CARD.search(sound_card or "")
        self._card = ("-c", found[1]) if found else ()

    def is_done(self) -> bool:
        """Whether the card's control stands there."""
        control = self._control()
        levels = re.findall(r"\[(\d+)%\]", self._amixer("sget", control).output) if control else []
        return bool(levels) and all(abs(int(level) - self._volume) <= 1 for level in levels)

    def do(self) -> None:
        """Set the control, and keep it over a restart."""
        control = self._control()
        if control:
            self._amixer("sset", control, f"{self._volume}%", "unmute")
            self._machine.run("alsactl", "store")

    def undo(self) -> None:
        """Leave it: nobody knows how loud it was."""

    def check(self) -> list[Text]:
        """Return why it is not so."""
        if self.is_done() or not self._machine.is_running:
            return []
        if self._control():
            return super().check()
        return [
            Text(
                zh="没有找到可以调音量的声卡：aplay -l 列出声卡，答案写进 display.sound_card",
                en="no sound card whose volume can be set: aplay -l lists the cards, name one in display.sound_card",
            )
        ]

    def _control(self) -> str | None:
        listed = re.findall(r"'([^']+)'", self._amixer("scontrols").output)
        return next((name for name in CONTROLS if name in listed), next(iter(listed), None))

    def _amixer(self, *command: str) -> Ran:
        return self._machine.run("amixer", *self._card, *command)
