"""Pushes the site's journal to the county, in order, on a thread of its own that never delays the hub's commands.

New entries are pushed at once, in a busy hall twice a second; entries that another site waits for are never delayed. A
refusal by the county stops the replication and is shown to people; where the county can cure the cause, the push is
retried at a long interval and the replication resumes by itself. After every other error it is retried with backoff.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, replace
from datetime import datetime

from protocol.answers import CountyConnection, CountyState, ErrorAnswer
from protocol.clients.county_client import CountyAway, CountyClient, CountyRefused
from protocol.county import MAX_ENTRIES_PER_PUSH, JournalPush, PushAccepted
from protocol.journal import Moment
from protocol.vocabulary import Text
from runtime.backoff import Backoff
from runtime.fault_log import FaultLog
from server.domain.model.hall import Hall
from server.runtime.clock import Clock
from server.runtime.version import VERSION
from server.store.faults import StoreFault
from server.store.journal.outbox import Batch, Outbox

log = logging.getLogger(__name__)

HEARTBEAT_S = 10.0
"""Interval of pushes without entries, seconds."""
PUSH_INTERVAL_S = 0.5
"""Minimum interval between two pushes in a busy hall, seconds; the entries of the interval are pushed together."""
CHECK_INTERVAL_S = 10.0
"""Minimum interval between two comparisons of the day's tables with the county's, seconds."""
AWAY_AFTER_S = 15.0
"""Time without an answer after which the county counts as away, seconds; a restart of the county takes less."""
BATCH_MIN = 8
"""Lower bound of the limit of entries in one push, which shrinks with each push that fails on a slow link."""
PAUSE_MIN_S, PAUSE_MAX_S = 0.5, 20.0
"""Bounds of the backoff while the county is away, seconds; jittered, so that hubs do not reconnect all at once."""
CURABLE_REFUSALS = frozenset({"unknown_site", "unknown_key", "invalid_entry"})
"""Refusals whose cause the county can remove: in its settings, its keys, or by an update."""
RETRY_REFUSED_S = 180.0
"""Retry interval after a refusal whose cause the county can remove, seconds."""
STOP_MAX_S = 5.0
"""Time for which a stop waits until the county has the last entries, seconds; half of what the unit allows for it."""

BEHIND = ErrorAnswer(
    error="hub_behind",
    message=Text(
        zh="县平台的流水比本站点多：站点服务器是从旧备份恢复的，请重启它以取回流水",
        en="The county has entries that this hub lacks: it goes on from an old copy. Restart it to fetch them",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Progress:
    """How far the county has confirmed the journal, and its latest answer."""

    seq: int
    answered: Moment
    """Moment of the county's latest answer, or of the start."""
    contacted: bool = False
    """Whether the county has answered since the start."""
    refused: ErrorAnswer | None = None
    tables_equal: bool | None = None


class Replicator:
    """One thread that pushes the journal to the county."""

    def __init__(
        self, client: CountyClient, outbox: Outbox, *, clock: Clock, retry_refused_s: float = RETRY_REFUSED_S
    ) -> None:
        self._client = client
        self._outbox = outbox
        self._clock = clock
        self._retry_refused_s = retry_refused_s
        self._condition = threading.Condition()
        self._news = self._urgent = self._lost = self._stopping = False
        self._newest: Hall | None = None
        self._pushed_s = self._checked_s = 0.0
        self._checked_seq = 0
        self._unchecked = True
        self._backoff = Backoff(first_s=PAUSE_MIN_S, longest_s=PAUSE_MAX_S, jitter=0.5)
        self.fault = FaultLog(log, Text(zh="县平台离线", en="the county is away"))
        """Lasts while the county does not take the journal."""
        self._batch_limit = MAX_ENTRIES_PER_PUSH
        self._progress = _Progress(seq=0, answered=clock.now())
        self._thread = threading.Thread(target=self._run, name="replicator", daemon=True)

    @property
    def connection(self) -> CountyConnection:
        """State of the connection to the county."""
        progress, away_since = self._progress, self.away_since
        joined = progress.contacted and away_since is None
        state = CountyState.STOPPED if progress.refused else CountyState.JOINED if joined else CountyState.AWAY
        return CountyConnection(
            state=state,
            seq=progress.seq if progress.contacted else 0,
            away_since=None if joined else progress.answered.at,
            refused=progress.refused,
            tables_equal=progress.tables_equal,
        )

    @property
    def away_since(self) -> datetime | None:
        """Time since which the county has not answered; None while it does, and just after the start."""
        progress = self._progress
        away = progress.refused is not None or self._clock.now().since(progress.answered) > AWAY_AFTER_S
        return progress.answered.at if away else None

    @property
    def confirmed_seq(self) -> int:
        """Number up to which the county has confirmed the journal; 0 while nothing is pushed to it."""
        progress = self._progress
        return progress.seq if progress.contacted and progress.refused is None else 0

    def push_lost(self) -> None:
        """Push now: the county has lost confirmed entries, and its answer says from where on."""
        with self._condition:
            self._lost = True
            self._condition.notify()

    def start(self) -> None:
        """Start pushing the entries that the county lacks."""
        self._thread.start()

    def stop(self) -> None:
        """Push the last entries, unless the county is away, and stop; call it when nothing is committed any more.

        The disk of a hub that was stopped may be lost: what the county has comes back.
        """
        with self._condition:
            self._stopping = True
            self._condition.notify()
        self._thread.join(timeout=STOP_MAX_S)
        self._client.close()

    def on_commit(self, hall: Hall) -> None:
        """Wake the thread for new entries; those that another site waits for are pushed at once."""
        before, self._newest = self._newest, hall
        # The fold keeps both mappings when a fact does not concern them, so identity shows whether they changed.
        urgent = before is None or hall.referrals is not before.referrals or hall.places is not before.places
        with self._condition:
            wake = urgent or not self._news
            self._news, self._urgent = True, self._urgent or urgent
            if wake:
                self._condition.notify()

    def _run(self) -> None:
        try:
            self._progress = _Progress(seq=self._outbox.newest(), answered=self._progress.answered)
        except OSError as error:
            self.fault.began(error)
        while not self._is_stopped():
            last = self._stopping
            if last and self.fault.cause:
                return
            pause_s, for_news = self._attempt()
            if last and pause_s:
                return
            self._wait(pause_s, for_news=for_news)

    def _attempt(self) -> tuple[float, bool]:
        """Push once; return the seconds until the next push, and whether new entries end them."""
        try:
            pause_s = self._push_next()
        except CountyAway as away:
            self.fault.began(away)
            self._batch_limit = max(BATCH_MIN, self._batch_limit // 4)
        except StoreFault as fault:
            self.fault.began(fault)
        except Exception as error:  # noqa: BLE001 - logged with its traceback
            self.fault.began(repr(error), defect=error)
        else:
            self._backoff.reset()
            is_taken = self._progress.refused is None
            if is_taken:
                self.fault.ended()
            return pause_s, is_taken
        return self._backoff.grow(), False

    def _is_stopped(self) -> bool:
        refused = self._progress.refused
        return refused is not None and refused.error not in CURABLE_REFUSALS

    def _wait(self, pause_s: float, *, for_news: bool) -> None:
        """Wait until ``pause_s`` is over, or with ``for_news`` until there is something to push."""
        until = time.monotonic() + pause_s
        with self._condition:
            while not self._stopping and not self._lost and not (for_news and self._urgent):
                due = min(until, self._pushed_s + PUSH_INTERVAL_S) if for_news and self._news else until
                left = due - time.monotonic()
                if left <= 0:
                    return
                self._condition.wait(left)

    def _push_next(self) -> float:
        """Push once; return the seconds until the next push is due without new entries. Raises CountyAway."""
        with self._condition:
            self._unchecked |= self._news
            self._news = self._urgent = self._lost = False
        self._pushed_s = time.monotonic()
        after = self._progress.seq
        check_due = self._unchecked and self._pushed_s - self._checked_s >= CHECK_INTERVAL_S
        batch = self._outbox.batch(
            after=after, checked=self._checked_seq if check_due else None, at_most=self._batch_limit
        )
        try:
            accepted = self._client.push(self._journal_push(after, batch))
        except CountyRefused as refused:
            return self._on_refused(batch, after, refused)
        return self._on_accepted(batch, accepted)

    def _journal_push(self, after: int, batch: Batch) -> JournalPush:
        return JournalPush(
            after=after,
            chain=batch.chain,
            entries=list(batch.lines),
            check=batch.check,
            now=self._clock.now(),
            version=VERSION,
            clock_trusted=self._clock.trusted(),
            newest=batch.newest,
        )

    def _on_accepted(self, batch: Batch, accepted: PushAccepted) -> float:
        progress = self._progress
        if accepted.seq > batch.newest:
            self._stop_pushing(BEHIND)
            return 0.0
        equal = progress.tables_equal
        if batch.check is not None:
            self._checked_s, self._checked_seq, self._unchecked = self._pushed_s, batch.check.seq, batch.day_left
            if accepted.tables_equal is not None:
                equal = accepted.tables_equal
        if equal is False and progress.tables_equal is not False:
            log.error(
                "本站点的表与县平台的不同 / the county's tables of this site are not the hub's: jiaohao-admin rebuild"
            )
        self._progress = _Progress(seq=accepted.seq, answered=self._clock.now(), contacted=True, tables_equal=equal)
        self._batch_limit = min(MAX_ENTRIES_PER_PUSH, self._batch_limit * 2)
        return 0.0 if accepted.seq < batch.newest else HEARTBEAT_S

    def _on_refused(self, batch: Batch, after: int, refused: CountyRefused) -> float:
        """Handle a refusal: resume at the county's number, or push fewer entries, else stop and report the reason."""
        answer = refused.answer
        if answer.error == "gap" and answer.seq is not None and answer.seq < after:
            if self._progress.contacted:
                log.warning(
                    "县平台没有流水 %s–%s，重新上报 / the county needs entries %s–%s: they are pushed again",
                    *(answer.seq + 1, after) * 2,
                )
            self._progress = _Progress(
                seq=answer.seq, answered=self._clock.now(), contacted=True, tables_equal=self._progress.tables_equal
            )
            return 0.0
        if answer.error == "body_too_large" and len(batch.lines) > 1:
            self._batch_limit = len(batch.lines) // 4 or 1
            return 0.0
        self._stop_pushing(ErrorAnswer(error=answer.error, message=answer.message))
        return 0.0 if self._is_stopped() else self._retry_refused_s

    def _stop_pushing(self, answer: ErrorAnswer) -> None:
        progress = self._progress
        self.fault.began(answer.message.on_one_line())
        if answer != progress.refused:
            log.error(
                "县平台拒绝，已停止上报 / the county refuses the journal, the push has stopped: %s %s",
                answer.error,
                answer.message.on_one_line(),
            )
        self._progress = replace(progress, refused=answer)
