"""Polls the county: keeps its newest plan, and reconciles this site with referrals and accepted proposals.

A long poll is always open; the county answers it as soon as the view changes. After an error it is retried with
exponential backoff.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from functools import partial

from protocol import journal as j
from protocol.clients.county_client import CountyAway, CountyClient, CountyRefused
from protocol.county import CountyView
from protocol.vocabulary import Text
from runtime.backoff import Backoff
from runtime.fault_log import FaultLog
from server.domain.discipline import window_help
from server.domain.forecast import wait_times
from server.domain.forecast.forecast import Forecast
from server.domain.model.hall import Hall
from server.domain.referrals.reconcile import reconcile
from server.hub.commands.county_plan import CountyPlan
from server.hub.commands.typed_command import new_ticket_id
from server.hub.commands.writer import CommandWriter
from server.hub.replication.replicator import Replicator
from server.runtime.clock import Clock
from server.store.faults import StoreFault

log = logging.getLogger(__name__)

LONG_POLL_S = 10.0
"""Maximum duration of one long poll, seconds: its answer renews the ages in the plan."""
PAUSE_MIN_S, PAUSE_MAX_S = 0.5, 15.0
"""Bounds of the pause after an error, seconds."""


class CountyLink:
    """One thread that keeps a long poll open; facts that the view requires are written by the hub's single writer."""

    def __init__(
        self,
        client: CountyClient,
        writer: CommandWriter,
        replicator: Replicator,
        *,
        clock: Clock,
        forecast: Callable[[], Forecast],
    ) -> None:
        """``forecast`` returns the site's newest one."""
        self.plan = CountyPlan()
        self._client = client
        self._writer = writer
        self._replicator = replicator
        self._clock = clock
        self._forecast = forecast
        self._loop = asyncio.get_running_loop()
        self._stopping = threading.Event()
        self._fault = FaultLog(log, Text(zh="没有县平台的最新情况", en="no view from the county"))
        self._thread = threading.Thread(target=self._run, name="county link", daemon=True)

    def start(self) -> None:
        """Start polling."""
        self._thread.start()

    def stop(self) -> None:
        """Stop polling; the open request is abandoned."""
        self._stopping.set()

    def _run(self) -> None:
        backoff, mark = Backoff(first_s=PAUSE_MIN_S, longest_s=PAUSE_MAX_S, jitter=0.5), ""
        while not self._stopping.is_set():
            try:
                confirmed = self._replicator.confirmed_seq
                view = self._client.view(mark=mark, wait_s=LONG_POLL_S, seq=confirmed)
                self.plan = CountyPlan(view.plan, received=self._clock.now(), visits=view.visits)
                self._reconcile(view)
                mark, pause_s = view.mark, 0.0
                self._fault.ended()
                if view.seq < confirmed:
                    self._replicator.push_lost()
                    pause_s = backoff.grow()
                else:
                    backoff.reset()
            except CountyAway as away:
                self._fault.began(away)
                pause_s = backoff.grow()
            except CountyRefused as refused:
                self._fault.began(refused)
                pause_s = backoff.grow_to_longest()
            except StoreFault as fault:
                self._fault.began(fault)
                mark, pause_s = "", backoff.grow()
            except Exception as error:  # noqa: BLE001 - logged with its traceback
                if self._stopping.is_set():
                    return
                self._fault.began(repr(error), defect=error)
                mark, pause_s = "", backoff.grow()
            if pause_s:
                self._stopping.wait(pause_s)

    def _reconcile(self, view: CountyView) -> None:
        """Have the writer commit the facts that the view requires, and wait for the commit."""
        if (view.referrals or view.helps or view.leaves) and not self._stopping.is_set():
            concluded = self._writer.run_rule(self._rule(view))
            asyncio.run_coroutine_threadsafe(concluded, self._loop).result()

    def _rule(self, view: CountyView) -> Callable[[Hall, j.Moment], list[j.AnyFact]]:
        def rule(hall: Hall, at: j.Moment) -> list[j.AnyFact]:
            hours = self._clock.trusted()
            newest = partial(wait_times.figures_of_new, hall, self._forecast(), priority=None)
            done = reconcile(
                hall,
                view.referrals,
                at=at,
                new_ticket=new_ticket_id,
                waits={referral.service: newest(service=referral.service) for referral in view.referrals},
                hours_apply=hours,
            )
            return [
                *done,
                *window_help.accept_help(hall, view.helps),
                *window_help.agree_windows(hall, view.helps, view.leaves),
            ]

        return rule
