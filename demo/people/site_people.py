"""The simulated people of one site: a stream of visitors at a kiosk without a screen, and a clerk at each window."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import dataclass

from demo.devices.paper_printer import paper_printer
from demo.narration import Narrator
from demo.people.clerks import Clerk
from demo.people.rhythm import BUSY, CALM, Rhythm
from demo.people.site_visitors import Visitors
from demo.people.travellers import Departures
from demo.setup.county_setup import CountySetup
from demo.setup.site_setup import SIMULATED_KIOSK, SiteSetup


@dataclass(frozen=True, kw_only=True)
class PlayOptions:
    """Options of a run. ``on_screen``: Kivy's windows open on a real screen, and the kiosk is left to the person."""

    on_screen: bool
    speed: float
    seed: int


class SitePeople:
    """One site's simulated people, who may be referred to the other sites of ``county``.

    Setting ``ended`` ends their threads; ``opened`` closes their printer after them.
    """

    def __init__(
        self,
        setup: SiteSetup,
        *,
        county: CountySetup,
        options: PlayOptions,
        narrator: Narrator,
        ended: threading.Event,
        opened: ExitStack,
    ) -> None:
        self._setup = setup
        self._narrator = narrator
        self._ended = ended
        self._open = opened
        self.rhythm = Rhythm(
            setup.catalogue,
            windows=setup.clerks_windows,
            hall_load=BUSY if setup.shown else CALM,
            speed=options.speed,
            seed=options.seed,
        )

        self.departures = Departures(setup.site, county=county, rhythm=self.rhythm, narrator=narrator, ended=ended)

    def threads(self) -> list[threading.Thread]:
        """Return a thread for the visitors and one for each clerk; none is started."""
        return [self._visitors(), *self._clerks()]

    def _visitors(self) -> threading.Thread:
        folder = self._setup.demo_folder.pictures / f"paper-{self._setup.site}-{SIMULATED_KIOSK}"
        printer = self._open.enter_context(paper_printer(folder, on_ticket=lambda _: self._narrator.count_paper()))
        return Visitors(
            self._setup,
            printer_port=printer.port,
            rhythm=self.rhythm,
            departures=self.departures,
            narrator=self._narrator,
            ended=self._ended,
        )

    def _clerks(self) -> list[threading.Thread]:
        return [
            Clerk(self._setup, window, place=place, rhythm=self.rhythm, narrator=self._narrator, ended=self._ended)
            for place, window in enumerate(self._setup.clerks_windows)
        ]
