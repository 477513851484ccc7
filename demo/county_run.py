"""One running county: the programs and people of every site, started and ended by one ``with`` block."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import ExitStack
from functools import partial
from types import TracebackType
from typing import Self

from demo.faults import require_disk_space
from demo.narration import Narrator
from demo.network.cable import Cable
from demo.network.cable_cutter import CableCutter
from demo.people.shown_hall import ShownHall
from demo.people.site_people import PlayOptions, SitePeople
from demo.processes import Program
from demo.programs import Programs, our_command, responds
from demo.setup import settings_files as files
from demo.setup.county_setup import CountyServer, CountySetup, Server
from protocol.clients.county_client import CountyClient
from protocol.vocabulary import SiteId

SERVERS_AT_ONCE = 2
"""Number of servers started at a time: more only slow each other down on a small machine."""
POLL_S = 0.5
PEOPLE_LEAVE_S = 2.5


class DemoCounty:
    """Everything of one run; setting ``ended`` from any thread ends it."""

    def __init__(self, setup: CountySetup, *, options: PlayOptions, narrator: Narrator, ended: threading.Event) -> None:
        self._setup = setup
        self._options = options
        self._narrator = narrator
        self._ended = ended
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Start brokers, servers, devices and people, in this order. Raises DemoFault, OSError."""
        try:
            self._programs = self._open.enter_context(
                Programs(self._setup.demo_folder, narrator=self._narrator, ended=self._ended)
            )
            self._cutting = self._start_cable(self._setup.county)
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
        """End the people first, then the programs."""
        self._open.close()

    def play(self, *, duration_s: float) -> None:
        """Check the programs and the disk until ``ended`` is set or the time is over. Raises DemoFault."""
        over_at = time.monotonic() + duration_s
        while time.monotonic() < over_at and not self._ended.wait(POLL_S):
            self._programs.check()
            require_disk_space(self._setup.demo_folder.root)

    def _start_servers(self) -> None:
        """Start the brokers, then hubs and county a few at a time, the shown hall first."""
        sites = [["--site", s.site, str(s.broker_port), str(s.data.absolute())] for s in self._setup.sites]
        self._programs.start_required(
            "broker", [sys.executable, "-m", "demo.network.embedded_broker", *[word for site in sites for word in site]]
        )
        servers = self._setup.prepare_servers()
        for place in range(0, len(servers), SERVERS_AT_ONCE):
            started = [(self._start_server(server), server) for server in servers[place : place + SERVERS_AT_ONCE]]
            for program, server in started:
                self._programs.wait_for(program, partial(responds, f"{server.url}/healthz"))

    def _start_server(self, server: Server) -> Program:
        command = [our_command(server.command), "--settings", str(server.settings)]
        return self._programs.start_required(server.name, command)

    def _start_devices(self) -> None:
        panels = [str(path) for setup in self._setup.sites for path in files.panel_settings(setup)]
        self._programs.start_required("windows", [sys.executable, "-m", "demo.devices.panel_agents", *panels])
        self._shown_hall = ShownHall(
            self._setup.shown,
            programs=self._programs,
            options=self._options,
            narrator=self._narrator,
            opened=self._open,
        )

    def _start_people(self) -> None:
        self._narrator.welcome(self._setup, speed=self._options.speed)
        people: list[threading.Thread] = []
        for setup in self._setup.sites:
            narrator = self._narrator if setup.shown else self._narrator.quiet()
            site_people = SitePeople(
                setup,
                county=self._setup,
                options=self._options,
                narrator=narrator,
                ended=self._ended,
                opened=self._open,
            )
            people += site_people.threads()
            if setup.shown:
                people += self._shown_hall.visitors(
                    site_people, services=self._setup.narrated_services(), ended=self._ended
                )
        people += self._cutting
        self._open.callback(self._leave, people)
        for person in people:
            person.start()

    def _start_cable(self, county: CountyServer | None) -> list[CableCutter]:
        """Start the relay for the site whose cable will be cut; return the thread that cuts it."""
        if county is None or county.cut is None:
            return []
        cut = county.cut
        cutting = CableCutter(
            self._setup.site(cut.site),
            cable=self._open.enter_context(Cable(port=cut.port, to=county.port)),
            county=CountyClient(county.address(cut.site), site=SiteId(cut.site)),
            for_s=cut.for_s,
            narrator=self._narrator,
            ended=self._ended,
        )
        return [cutting]

    def _leave(self, people: list[threading.Thread]) -> None:
        """Set ``ended`` and wait at most PEOPLE_LEAVE_S for all threads of people."""
        self._ended.set()
        gone_by = time.monotonic() + PEOPLE_LEAVE_S
        for person in people:
            person.join(max(0.0, gone_by - time.monotonic()))
