"""The single writer of a site, with group commit (one transaction and one sync for all waiting commands).

Commands are decided one after the other, each on the hall after the one before.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, cast

from protocol import journal as j
from protocol.vocabulary import Text
from runtime.fault_log import FaultLog
from server.domain.day import business_day
from server.domain.day.business_day import IssuedNumbers
from server.domain.day.catalogue_change import change_catalogue
from server.domain.events.apply import AppliedEntry, apply_facts
from server.domain.model.catalogue import Catalogue
from server.domain.model.hall import Hall
from server.domain.model.refusals import Refusal, TooLate
from server.domain.views import hall_views
from server.hub.commands.remembered import (
    UnchangedAnswers,
    answer_again,
    fingerprint_of,
    row_of_answer,
    row_of_refusal,
)
from server.hub.commands.typed_command import Answered, AnswerT, Command
from server.runtime.clock import Clock
from server.store.faults import StoreFault
from server.store.site_store import RememberedAnswer, Store, Transaction

log = logging.getLogger(__name__)

Rule = Callable[[Hall, j.Moment], Sequence[j.AnyFact]]
"""A rule that the hub runs by itself, without a request: returns the facts for a hall and a moment."""
CommandOutcome = Answered[Any] | BaseException | None

COMMAND_AGE_MAX_S = 1.5
"""Maximum age of a command when it is decided, seconds; an older one is refused, because its sender may have given up.

Every device waits at least ``REQUEST_LIMIT_MIN_S`` (``protocol.clients.hub_client``): what is left is for the commit
and the network.
"""
BATCH_MAX = 64
"""Maximum number of commands in one transaction: it bounds how long the first of them waits for the last."""


@dataclass(frozen=True, slots=True, eq=False)
class _Pending:
    """A command or rule that waits for the writer's thread; ``result`` belongs to the loop."""

    work: Command[Any] | Rule
    received: j.Moment
    result: asyncio.Future[Any]


class CommandWriter:
    """``hall`` is the newest committed state, replaced whole after every commit.

    One thread takes commands from a queue. It decides all waiting commands in order, writes them in one transaction and
    syncs the disk once. Then the listeners are called and the answers leave. A refused command writes no fact. When the
    transaction fails, none of it is committed, and each of its commands fails with the store's error.
    """

    def __init__(self, store: Store, *, catalogue: Catalogue, clock: Clock) -> None:
        """Load the hall and write the facts of a restart: a changed site description, a new business day.

        Must be called on the event loop. Raises StoreFault.
        """
        self._store = store
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[_Pending | None] = SimpleQueue()
        self._listeners: list[Callable[[Hall], None]] = []
        self._stopped = False
        self._unchanged = UnchangedAnswers()
        self.fault = FaultLog(log, Text(zh="没有保存", en="nothing is saved"), level=logging.ERROR)
        """Lasts while no command can be committed."""
        self.hall = store.load(catalogue)
        self._clock.observe(store.last_written())
        self._begin(catalogue)
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    @property
    def numbers(self) -> IssuedNumbers:
        """The numbers issued so far, for rules that the writer runs."""
        return self._store.numbers

    def add_listener(self, listener: Callable[[Hall], None]) -> None:
        """Call ``listener`` on the event loop after every commit that changed the hall, before the answers leave.

        Listeners are called in the order in which they were added; an exception of a listener is logged.
        """
        self._listeners.append(listener)

    async def run(self, command: Command[AnswerT]) -> Answered[AnswerT]:
        """Commit a command, or return the stored answer to its request id. Raises Refusal, StoreFault."""
        return cast("Answered[AnswerT]", await self._submit(command))

    async def run_rule(self, rule: Rule) -> None:
        """Commit the facts of a rule that the hub runs by itself; none when it returns none. Raises StoreFault."""
        await self._submit(rule)

    def check(self) -> bool:
        """Note when no command could be committed now, as far as that shows without writing; False then.

        Any thread may call it.
        """
        try:
            self._store.file.check()
        except StoreFault as fault:
            self.fault.began(fault)
            return False
        return True

    def stop(self) -> None:
        """Commit the waiting commands, then close the store."""
        self._stopped = True
        self._queue.put(None)
        self._thread.join()
        self._store.close()

    def _submit(self, work: Command[Any] | Rule) -> asyncio.Future[Any]:
        if self._stopped:
            raise RuntimeError("the hub is stopping")
        pending = _Pending(work, self._clock.now(), self._loop.create_future())
        self._queue.put(pending)
        return pending.result

    # ------------------------------------------------------------------------------------- on the writer's thread

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            before = self.hall
            batch, ends = self._drain(first)
            outcomes = self._commit(batch)
            changed = self.hall if self.hall is not before else None
            self._loop.call_soon_threadsafe(self._deliver, changed, batch, outcomes)
            self._store.note_head()
            if ends:
                return

    def _drain(self, first: _Pending) -> tuple[list[_Pending], bool]:
        """Return the waiting work, at most ``BATCH_MAX``, and whether the writer ends after it."""
        batch = [first]
        while len(batch) < BATCH_MAX:
            try:
                pending = self._queue.get_nowait()
            except Empty:
                break
            if pending is None:
                return batch, True
            batch.append(pending)
        return batch, False

    def _commit(self, batch: Sequence[_Pending]) -> list[CommandOutcome]:
        """Return the outcome of each command, after the commit."""
        try:
            moment = self._clock.now()
            self._turn_day(moment)
            with self._store.transaction() as transaction:
                if self.fault.cause:
                    transaction.probe()
                written = _Batch(transaction, self.hall, moment, clock=self._clock, unchanged=self._unchanged)
                outcomes = [written.run(pending) for pending in batch]
        except Exception as error:  # noqa: BLE001 - raised again in ``run`` of each command
            if isinstance(error, StoreFault):
                self.fault.began(error)
            return [error] * len(batch)
        if self.fault.cause and self.check():
            self.fault.ended()
        self.hall = written.hall
        self._unchanged.keep(written.unchanged, at=written.newest.mono_s)
        self._clock.observe(written.newest.at)
        return outcomes

    def _begin(self, catalogue: Catalogue) -> None:
        moment = self._clock.now()
        if self.hall.seq == 0 or self.hall.site.catalogue != catalogue:
            self._write(change_catalogue(self.hall, catalogue=catalogue), moment)
        self._turn_day(moment)

    def _turn_day(self, moment: j.Moment) -> None:
        before = self.hall.day
        trust, numbers = self._clock.trust(), self._store.numbers
        facts = business_day.start_day(self.hall, now=moment, trust=trust, numbers=numbers)
        if facts:
            self._write(facts, moment)
            log.info("业务日 / business day: %s → %s", before, self.hall.day)
            if before is not None and self.hall.day is not None:
                self._store.forget_answers(before=min(before, self.hall.day))

    def _write(self, facts: Sequence[j.AnyFact], moment: j.Moment) -> None:
        entries = apply_facts(self.hall, facts, moment=moment, actor="hub", request_id=None)
        with self._store.transaction() as transaction:
            transaction.write(entries)
        self._clock.observe(moment.at)
        self.hall = entries[-1].after if entries else self.hall

    # ------------------------------------------------------------------------------------------------ on the loop

    def _deliver(self, changed: Hall | None, batch: Sequence[_Pending], outcomes: Sequence[CommandOutcome]) -> None:
        """Publish first, then answer: a called visitor waits for the board, and the clerk's lamp follows the sign."""
        if changed is not None:
            self._notify(changed)
        for pending, outcome in zip(batch, outcomes, strict=True):
            if pending.result.cancelled():
                continue
            if isinstance(outcome, BaseException):
                pending.result.set_exception(outcome)
            else:
                pending.result.set_result(outcome)

    def _notify(self, hall: Hall) -> None:
        for listener in self._listeners:
            try:
                listener(hall)
            except Exception:
                log.exception("a listener of the writer failed")


class _Batch:
    """The work of one transaction. ``hall`` is the state after all that it has written so far."""

    def __init__(
        self, transaction: Transaction, hall: Hall, moment: j.Moment, *, clock: Clock, unchanged: UnchangedAnswers
    ) -> None:
        self.hall = hall
        self.newest = moment
        self.unchanged: dict[str, RememberedAnswer] = {}
        """Answers to commands of this transaction that changed nothing, by request id."""
        self._transaction = transaction
        self._clock = clock
        self._unchanged_before = unchanged

    def run(self, pending: _Pending) -> CommandOutcome:
        """Return the answer, or the exception to raise to the requester.

        Raises StoreFault, which rolls the whole transaction back. A rule that fails writes nothing and fails its own
        command alone.
        """
        self.newest = self._clock.now()
        work = pending.work
        try:
            if isinstance(work, Command):
                return self._answer(work, received=pending.received)
            self._run_rule(work)
        except Refusal as refusal:
            return refusal
        except _RuleFailed as failed:
            return failed.__cause__
        return None

    def _answer(self, command: Command[AnswerT], *, received: j.Moment) -> Answered[AnswerT]:
        """Decide and write a command, or return its stored answer. Raises Refusal, _RuleFailed; StoreFault."""
        request_id, fingerprint = command.request.request_id, fingerprint_of(command)
        row = self._answered(request_id)
        if row is not None:
            with _isolated():
                return answer_again(row, command, fingerprint)
        if self.newest.since(received) > COMMAND_AGE_MAX_S:
            raise TooLate
        try:
            entries, answered = self._decide(command)
        except Refusal as refusal:
            self.unchanged[request_id] = row_of_refusal(fingerprint, refusal)
            raise
        if entries:
            self._write(entries)
            row = row_of_answer(fingerprint, answered)
            self._transaction.remember(request_id, row, day=hall_views.business_day(self.hall))
        else:
            self.unchanged[request_id] = row_of_answer(fingerprint, answered)
        return answered

    def _answered(self, request_id: str) -> RememberedAnswer | None:
        """Return the stored answer to a request; None for a new one."""
        row = self.unchanged.get(request_id) or self._unchanged_before.get(request_id, at=self.newest.mono_s)
        return row or self._transaction.answered(request_id)

    def _decide(self, command: Command[AnswerT]) -> tuple[list[AppliedEntry], Answered[AnswerT]]:
        """Return the entries of a command and its answer, without writing them."""
        with _isolated():
            decision = command.decide(self.hall, self.newest)
            entries = self._apply(decision.facts, actor=command.actor, request_id=command.request.request_id)
            answer = decision.answer(entries[-1].after if entries else self.hall)
            return entries, Answered(answer, answer.model_dump_json())

    def _run_rule(self, rule: Rule) -> None:
        with _isolated():
            entries = self._apply(rule(self.hall, self.newest), actor="hub", request_id=None)
        self._write(entries)

    def _write(self, entries: Sequence[AppliedEntry]) -> None:
        if entries:
            self._transaction.write(entries)
            self.hall = entries[-1].after

    def _apply(self, facts: Sequence[j.AnyFact], *, actor: str, request_id: str | None) -> list[AppliedEntry]:
        return apply_facts(self.hall, facts, moment=self.newest, actor=actor, request_id=request_id)


class _RuleFailed(Exception):
    """A rule failed on one command; ``__cause__`` is its error. The command has written nothing."""


@contextmanager
def _isolated() -> Iterator[None]:
    """Turn a rule's error into _RuleFailed, apart from the store's errors, which end the whole transaction."""
    try:
        yield
    except Refusal:
        raise
    except Exception as error:
        raise _RuleFailed from error
