"""The simulated people of one site: a stream of visitors at a kiosk without a screen, and a clerk at each window."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import dataclass

from demo.narration import Narrator
from demo.people.clerks import Clerk
from demo.people.rhythm import BUSY, CALM, Rhythm
from demo.people.travellers import SendOff
from demo.people.visitors import Visitors
from demo.setup.county_setup import CountySetup
from demo.setup.paper_printer import paper_printer
from demo.setup.site_setup import SIMULATED_KIOSK, SiteSetup


@dataclass(frozen=True, kw_only=True)
class PeoplePace:
    """How the demo plays. ``on_screen``: Kivy's windows open on a real screen, and the kiosk is left to the person."""

    on_screen: bool
    speed: float
    seed: int


class DemoHall:
    """One site's people. They may be sent to the sites of ``county``; ``opened`` closes their printer after they left.

    ``ended`` sends everybody home.
    """

    def __init__(
        self,
        stage: SiteSetup,
        *,
        county: CountySetup,
        manner: PeoplePace,
        narrator: Narrator,
        ended: threading.Event,
        opened: ExitStack,
    ) -> None:
        self._stage = stage
        self._narrator = narrator
        self._ended = ended
        self._open = opened
        self.rhythm = Rhythm(
            stage.catalogue,
            windows=stage.clerks_windows,
            bustle=BUSY if stage.seen else CALM,
            speed=manner.speed,
            seed=manner.seed,
        )

        self.send_off = SendOff(stage.site, county=county, rhythm=self.rhythm, narrator=narrator, ended=ended)

    def people(self) -> list[threading.Thread]:
        """Return everybody; nobody has begun."""
        return [self._visitors(), *self._clerks()]

    def _visitors(self) -> threading.Thread:
        folder = self._stage.ground.pictures / f"paper-{self._stage.site}-{SIMULATED_KIOSK}"
        printer = self._open.enter_context(paper_printer(folder, on_ticket=lambda _: self._narrator.paper()))
        return Visitors(
            self._stage,
            printer_port=printer.port,
            rhythm=self.rhythm,
            send_off=self.send_off,
            narrator=self._narrator,
            ended=self._ended,
        )

    def _clerks(self) -> list[threading.Thread]:
        return [
            Clerk(self._stage, window, place=place, rhythm=self.rhythm, narrator=self._narrator, ended=self._ended)
            for place, window in enumerate(self._stage.clerks_windows)
        ]
