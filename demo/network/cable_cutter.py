"""Cuts one branch's cable to the county for a while, and reports how the branch goes on and catches up."""

from __future__ import annotations

import threading
import time

from demo.narration import Narrator
from demo.network.cable import Cable
from demo.setup.site_setup import SiteSetup
from protocol.clients.county_client import CountyAway, CountyClient
from protocol.clients.hub_client import HubAway, HubClient

CUT_AFTER_S = 20.0
POLL_S = 0.5


class CableCutter(threading.Thread):
    """A thread that makes one cut of ``for_s`` seconds; ``county`` reaches the county without the cable."""

    def __init__(
        self,
        setup: SiteSetup,
        *,
        cable: Cable,
        county: CountyClient,
        for_s: float,
        narrator: Narrator,
        ended: threading.Event,
    ) -> None:
        super().__init__(name=f"cutting {setup.site}", daemon=True)
        self._name = setup.catalogue.name
        self._hub = HubClient(setup.hub_address(setup.clerks_windows[0].id))
        self._cable = cable
        self._county = county
        self._for_s = for_s
        self._narrator = narrator
        self._ended = ended

    def run(self) -> None:
        """Cut, wait, heal, and wait until the county has the branch's journal."""
        name = self._name
        if self._ended.wait(CUT_AFTER_S):
            return
        before = self._hub_seq()
        self._cable.cut()
        self._narrator.report(
            f"⚡ {name.zh}到县里的线断了（{self._for_s:.0f} 秒）：那里照常取号叫号，县页面会写明从几点起没有消息",
            f"the cable from {name.en} to the county is cut for {self._for_s:.0f} s: numbers and calls go on there, "
            "and the county's page says since when it has not heard",
        )
        if self._ended.wait(self._for_s):
            return
        alone = self._hub_seq()
        self._narrator.report(
            f"✚ 线接上了。断线期间{name.zh}照常记了 {alone - before} 条流水",
            f"the cable is whole again; meanwhile {name.en} wrote {alone - before} journal entries by itself",
        )
        healed = time.monotonic()
        self._cable.heal()
        while not self._ended.wait(POLL_S):
            if self._county_seq() >= alone:
                took = time.monotonic() - healed
                self._narrator.report(
                    f"✓ {took:.0f} 秒后县里补齐了{name.zh}的全部流水",
                    f"after {took:.0f} s the county has caught up with {name.en}",
                )
                return

    def _hub_seq(self) -> int:
        """Return the sequence number of the branch's newest journal entry; 0 when the demo ends first."""
        while not self._ended.is_set():
            try:
                return self._hub.windows().seq
            except HubAway:
                self._ended.wait(POLL_S)
        return 0

    def _county_seq(self) -> int:
        """Return the newest sequence number that the county has of the branch; -1 while it does not answer."""
        try:
            view = self._county.view(mark="", wait_s=0)
        except CountyAway:
            return -1
        return view.seq if view is not None else -1
