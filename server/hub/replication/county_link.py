"""Hears the county: keeps its newest plan, and writes what its letters and accepted proposals ask of this site.

One question is always open at the county; it is answered as soon as there is something new. An answer that does not
come, or says no, is asked for again after a growing pause.
"""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from protocol import journal as j
from protocol.county import CountyView, PlannedSite, Referral
from protocol.county_client import CountyAway, CountyClient, CountyRefused
from protocol.vocabulary import Promise
from server.domain.discipline import window_help
from server.domain.forecast import wait_times
from server.domain.forecast.forecast import Forecast
from server.domain.model.hall import Hall
from server.domain.referrals.reconcile import reconcile
from server.hub.commands.writer import Commands, new_ticket_id
from server.runtime.clock import Clock

log = logging.getLogger(__name__)

WAIT_S = 10.0
"""The county answers at the latest after so long: the ages of its pictures are known anew."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 15.0


@dataclass(frozen=True, slots=True)
class Plan:
    """The other sites as the county told them, and when by this hub's clock."""

    sites: Sequence[PlannedSite] = ()
    told: j.Moment | None = None

    def ago_s(self, at: j.Moment) -> float:
        """Return how many seconds ago it was told."""
        return float("inf") if self.told is None else at.since(self.told)


class CountyLink:
    """One thread that asks; what it hears is written by the one writer of the hub."""

    def __init__(self, client: CountyClient, *, clock: Clock) -> None:
        self.plan = Plan()
        self._client = client
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._stopping = threading.Event()
        self._commands: Commands
        self._forecast: Callable[[], Forecast]
        self._thread = threading.Thread(target=self._run, name="county link", daemon=True)

    def start(self, commands: Commands, forecast: Callable[[], Forecast]) -> None:
        """Begin to ask; ``forecast`` returns the site's newest."""
        self._commands = commands
        self._forecast = forecast
        self._thread.start()

    def stop(self) -> None:
        """Ask no more; the open question is left behind."""
        self._stopping.set()

    def _run(self) -> None:
        mark, failures = "", 0
        while not self._stopping.is_set():
            try:
                view = self._client.view(mark=mark, wait_s=WAIT_S)
                self.plan = Plan(view.plan, told=self._clock.now())
                self._obey(view)
                mark, failures = view.mark, 0
            except CountyAway as away:
                log.info("县平台离线 / the county is away: %s", away)
                failures += 1
            except CountyRefused as refused:
                log.warning("县平台拒绝了本站点 / the county refuses this site: %s", refused)
                failures = 10
            except Exception:
                if self._stopping.is_set():
                    return
                log.exception("what the county said could not be written; it is asked again")
                mark, failures = "", failures + 1
            if failures:
                pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * (1 << min(failures - 1, 10)))
                self._stopping.wait(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - not all hubs at once

    def _obey(self, view: CountyView) -> None:
        """Have written what the view asks for, if anything, and wait until it is."""
        if (view.referrals or view.helps or view.leaves) and not self._stopping.is_set():
            asyncio.run_coroutine_threadsafe(self._commands.note(self._rule(view)), self._loop).result()

    def _rule(self, view: CountyView) -> Callable[[Hall, j.Moment], list[j.AnyFact]]:
        promises = {letter.service: self._promise(letter) for letter in view.referrals}

        def rule(hall: Hall, at: j.Moment) -> list[j.AnyFact]:
            hours = self._clock.trusted()
            done = reconcile(
                hall, view.referrals, at=at, new_ticket=new_ticket_id, promises=promises, hours_apply=hours
            )
            return [
                *done,
                *window_help.accept_help(hall, view.helps),
                *window_help.agree_windows(hall, view.helps, view.leaves),
            ]

        return rule

    def _promise(self, letter: Referral) -> Promise | None:
        found = self._forecast().for_new_ticket(letter.service, protected=False)
        return None if found is None else wait_times.promise_for(found)
