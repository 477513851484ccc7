"""The demo's county, running: programs and people of every site; all of it ends with the ``with`` block."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import ExitStack
from functools import partial
from types import TracebackType
from typing import Self

from demo.cable_cut import CableCutter
from demo.faults import need_room
from demo.narration import Narrator
from demo.people.demo_hall import DemoHall, PeoplePace
from demo.people.hall_state import HallState
from demo.processes import Program
from demo.programs import Programs, answers, our_command
from demo.setup import settings_files as files
from demo.setup.cable import Cable
from demo.setup.county_setup import CountyServer, CountySetup, Server
from protocol.county_client import CountyClient

AT_ONCE = 2
"""So many servers start at a time: more only wait for each other on a small machine."""
LOOK_S = 0.5
PEOPLE_LEAVE_S = 2.5


class DemoCounty:
    """Everything of one run, from ``with`` to its end; ``ended`` is set by whoever wants it to end."""

    def __init__(self, stage: CountySetup, *, manner: PeoplePace, narrator: Narrator, ended: threading.Event) -> None:
        self._stage = stage
        self._manner = manner
        self._narrator = narrator
        self._ended = ended
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Start everything, the brokers first. Raises DemoFault, OSError."""
        try:
            self._programs = self._open.enter_context(
                Programs(self._stage.ground, narrator=self._narrator, ended=self._ended)
            )
            self._cutting = self._lay_cable(self._stage.county)
            self._start_servers()
            self._start_devices()
            self._start_people()
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End everything, the people first."""
        self._open.close()

    def play(self, *, duration_s: float) -> None:
        """Look after the county until told to end or the time is over. Raises DemoFault when it cannot go on."""
        over_at = time.monotonic() + duration_s
        while time.monotonic() < over_at and not self._ended.wait(LOOK_S):
            self._programs.look_after()
            need_room(self._stage.ground.folder)

    def _start_servers(self) -> None:
        """Start the brokers, then hubs and county a few at a time, the hall one looks at first."""
        sites = [["--site", s.site, str(s.broker_port), str(s.data.absolute())] for s in self._stage.sites]
        self._programs.need(
            "broker", [sys.executable, "-m", "demo.setup.embedded_broker", *[word for site in sites for word in site]]
        )
        servers = self._stage.servers()
        for place in range(0, len(servers), AT_ONCE):
            started = [(self._start(server), server) for server in servers[place : place + AT_ONCE]]
            for program, server in started:
                self._programs.wait_for(program, partial(answers, f"{server.url}/healthz"))

    def _start(self, server: Server) -> Program:
        command = [our_command(server.command), "--settings", str(server.settings)]
        return self._programs.need(server.name, command)

    def _start_devices(self) -> None:
        panels = [str(path) for stage in self._stage.sites for path in files.panel_settings(stage)]
        self._programs.need("windows", [sys.executable, "-m", "demo.setup.panels", *panels])
        self._seen = HallState(
            self._stage.seen,
            programs=self._programs,
            manner=self._manner,
            narrator=self._narrator,
            opened=self._open,
        )

    def _start_people(self) -> None:
        self._narrator.welcome(self._stage, speed=self._manner.speed)
        people: list[threading.Thread] = []
        for stage in self._stage.sites:
            narrator = self._narrator if stage.seen else self._narrator.aside()
            hall = DemoHall(
                stage,
                county=self._stage,
                manner=self._manner,
                narrator=narrator,
                ended=self._ended,
                opened=self._open,
            )
            people += hall.people()
            if stage.seen:
                people += self._seen.visitors(hall, services=self._stage.told_services(), ended=self._ended)
        people += self._cutting
        self._open.callback(self._leave, people)
        for person in people:
            person.start()

    def _lay_cable(self, county: CountyServer | None) -> list[CableCutter]:
        """Lay the cable that will be cut, whole until then; return who cuts it."""
        if county is None or county.cut is None:
            return []
        cut = county.cut
        cutting = CableCutter(
            self._stage.site(cut.site),
            cable=self._open.enter_context(Cable(port=cut.port, to=county.port)),
            county=CountyClient(county.address(cut.site), site=cut.site),
            for_s=cut.for_s,
            narrator=self._narrator,
            ended=self._ended,
        )
        return [cutting]

    def _leave(self, people: list[threading.Thread]) -> None:
        """Send everybody home before the programs end."""
        self._ended.set()
        gone_by = time.monotonic() + PEOPLE_LEAVE_S
        for person in people:
            person.join(max(0.0, gone_by - time.monotonic()))
