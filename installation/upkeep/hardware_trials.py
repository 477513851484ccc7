"""What only a person can judge: a test slip, a call spoken in the hall, the colours of the lamp."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from display.settings import DisplaySettings
from hardware.panel.lamp import Colour, LampState, Light
from hardware.panel.panel import pi_panel
from hardware.panel.window_settings import WindowSettings
from hardware.paper.ticket_layout import TicketPaper, draw_ticket
from hardware.printer.open_printer import open_printer
from hardware.voice.clip_files import ClipArchive, ClipFolder
from hardware.voice.phrases import phrase_for
from hardware.voice.voice import ClipReader, EspeakReader, FirstReader, Player
from installation.answers.setup_answers import MachineRole
from installation.machine import Machine
from installation.steps.units import UNITS_OF
from kiosk.settings import KioskSettings
from protocol.retained_messages import Call
from protocol.settings import load_settings
from protocol.vocabulary import USUAL_TIME_ZONE, Language, PrintOutcome, Text, WindowId

LAMP_S = 1.5
"""Time for which each colour is shown, seconds."""
COLOURS = (
    (Text(zh="红", en="red"), Light(LampState.FAULT, Colour(red=True, green=False, blue=False))),
    (Text(zh="绿", en="green"), Light(LampState.FREE, Colour(red=False, green=True, blue=False))),
    (Text(zh="蓝", en="blue"), Light(LampState.SERVING, Colour(red=False, green=False, blue=True))),
)


def run_trials(machine: Machine, roles: Sequence[MachineRole]) -> Iterator[Text]:
    """Try the hardware of this machine's roles; yield what a person should have got. Raises HardwareFault."""
    for role in roles:
        if role in _TRIALS:
            yield from _TRIALS[role](machine)


def _print_slip(machine: Machine) -> Iterator[Text]:
    printer = open_printer(load_settings(KioskSettings, machine.settings_file("kiosk")).printer)
    paper = TicketPaper(
        number="T000",
        hall=Text(zh="测试小票", en="Test slip"),
        service=Text(zh="不是号码", en="This is no ticket"),
        area=Text(zh="请丢弃", en="Throw it away"),
        issued_at=datetime.now(UTC),
        time_zone=USUAL_TIME_ZONE,
        qr_address="",
    )
    result = printer.print_ticket(draw_ticket(paper, width=printer.paper_width))
    if result.outcome is PrintOutcome.FAILED and result.fault is not None:
        why = result.fault.text
        yield Text(zh=f"测试小票没有打出：{why.zh}", en=f"the test slip was not printed: {why.en}")
    else:
        yield Text(zh="应有一张测试小票", en="a test slip should be there")


def _speak(machine: Machine) -> Iterator[Text]:
    voice = load_settings(DisplaySettings, machine.settings_file("display")).voice
    clips = ClipArchive() if voice.folder is None else ClipFolder(voice.folder)
    reader, player = FirstReader(ClipReader(clips=clips), EspeakReader()), Player(command=voice.player)
    nowhere = Text(zh="", en="")
    call = Call(
        number="A023",
        window=WindowId("window"),
        window_label="3",
        area=nowhere,
        call_seq=1,
        called_at=datetime.now(UTC),
    )
    for language in Language:
        player.play(reader.read(phrase_for(call, language, brief=False)), meanwhile=lambda: None)
    yield Text(zh="应听到：请 A 零二三号到三号窗口", en="A zero two three should have been called to window three")


def _light(machine: Machine) -> Iterator[Text]:
    settings = load_settings(WindowSettings, machine.settings_file("window"))
    with _stopped(machine, UNITS_OF[MachineRole.WINDOW][-1:]), pi_panel(settings, on_edge=lambda edge: None) as panel:  # noqa: ARG005
        for name, light in COLOURS:
            panel.lamp.show(light)
            time.sleep(LAMP_S)
            yield Text(zh=f"灯应为{name.zh}色", en=f"the lamp should have been {name.en}")


@contextmanager
def _stopped(machine: Machine, units: Sequence[str]) -> Iterator[None]:
    machine.run("systemctl", "stop", *units)
    try:
        yield
    finally:
        machine.run("systemctl", "start", *units)


_TRIALS: Mapping[MachineRole, Callable[[Machine], Iterator[Text]]] = {
    MachineRole.KIOSK: _print_slip,
    MachineRole.DISPLAY: _speak,
    MachineRole.WINDOW: _light,
}
