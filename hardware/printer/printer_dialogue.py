"""Queries of a printer on one connection, and what their answers prove.

An answer bears no name: it may belong to a query of the job before, or to none. So nothing is believed for one answer.
Queries in order are made one after the other, each after the answers so far were dropped, and more of them than can
have been answered by foreign bytes: when all are answered, one of the answers was to a query of this job, and
everything written before that query has been worked through.
"""

from __future__ import annotations

from collections.abc import Iterator

from hardware.printer import printer_answers
from hardware.printer.connections import Deadline, PrinterConnection
from hardware.printer.printer import PrinterStatus
from hardware.printer.printer_answers import AnswerKind, AnswerQueues
from hardware.printer.printer_faults import PrinterFault
from hardware.printer.printer_settings import RealPrinter
from protocol.vocabulary import PaperState

_FOREIGN_ANSWERS = 3
"""Number of queries that foreign bytes may answer one after the other without being believed."""
_UNREQUESTED_AT_MOST = 16
"""Number of unrequested answers in one job above which a printer confirms nothing: it sends all the time, or echoes."""
_POLL_EVERY_S = 0.5
"""Interval of the status queries while an answer in order is outstanding, seconds."""
_SETTLE_S = 0.05
"""Time for an answer that is on its way, seconds."""
_OUT_OF_PAPER = PrinterStatus(paper=PaperState.OUT, faults=(PrinterFault.PAPER_OUT,))
_MUTE = PrinterStatus(faults=(PrinterFault.MUTE,))


class PrinterHalted(Exception):
    """The printer has stopped for a reason that it reports."""

    def __init__(self, status: PrinterStatus) -> None:
        super().__init__(f"the printer has stopped: {status.faults[0]}")
        self.fault = status.faults[0]
        self.paper = status.paper


class PrinterDialogue:
    """Queries on one open connection; all of them raise OSError when the connection is lost."""

    def __init__(self, connection: PrinterConnection, *, settings: RealPrinter, deadline: Deadline) -> None:
        self._connection = connection
        self._settings = settings
        self._deadline = deadline
        self._answers = AnswerQueues(connection.receive)
        self._unanswered = 0
        self._unanswered_before = 0
        self._unrequested = 0
        self.confirmations = 0
        """Number of queries after the ticket that were answered."""
        self.has_answered = False
        """Whether any query was answered."""
        self.paper = PaperState.UNKNOWN
        """The paper at the last answer that reported it."""

    @property
    def limit_s(self) -> float:
        """Time limit of one answer, seconds; several silences in a row leave time for the ticket."""
        return min(self._settings.answer_limit_s, self._deadline.left_s() / 4)

    def query_status(self) -> PrinterStatus:
        """Query paper and faults now, a fault twice: a late answer to another query can look like one.

        Of a printer that does not answer the only fault is MUTE.
        """
        status = self._query_status_once()
        if status.faults and status != _MUTE:
            again = self._query_status_once()
            status = status if again == _MUTE else again
        if status != _MUTE:
            self.has_answered = True
            self.paper = status.paper
        return status

    def require_no_fault(self) -> PrinterStatus:
        """Query the status and raise PrinterHalted for a fault; a mute printer may print all the same."""
        status = self.query_status()
        if status.faults and status != _MUTE:
            raise PrinterHalted(status)
        return status

    def is_in_step(self) -> bool:
        """Return whether the printer answers in order: it has worked through everything, and waits for a command."""
        in_step = all(self._answers_in_order() for _ in range(self._rounds()))
        self._begin_counting()
        return in_step

    def comes_in_step(self) -> bool:
        """Return the same of a printer that may still be printing what it was sent before; raises PrinterHalted."""
        limit = Deadline(self._deadline.left_s() / 4)
        try:
            self._confirm_within(limit)
        except TimeoutError:
            return False
        self._begin_counting()
        return True

    def confirm(self) -> None:
        """Return when all that was written has been worked through; raises PrinterHalted, TimeoutError.

        A query that stays without an answer was taken for something else: the printer has lost bytes before it.
        """
        self._confirm_within(self._deadline)
        while self._unanswered > self._unanswered_before:
            if not self._take_in_order(self.limit_s):
                raise TimeoutError("a query among the strips was not answered")
        if self._unrequested > _UNREQUESTED_AT_MOST:
            raise TimeoutError("the printer sends answers that nobody requested")

    def query_in_order(self) -> None:
        """Make a query that is answered after everything that was written before it."""
        dropped = self._answers.discard(AnswerKind.IN_ORDER)
        self._unrequested += max(0, dropped - self._unanswered)
        self._unanswered = max(0, self._unanswered - dropped) + 1
        self._connection._raw(printer_answers.QUERY_PAPER_IN_ORDER)

    def await_strip(self) -> None:
        """Wait for the answer behind a strip; raises PrinterHalted, TimeoutError."""
        self._await_answer(self._deadline)

    def _await_answer(self, limit: Deadline) -> None:
        """Wait for an answer in order, polling the state meanwhile: without paper it would never come.

        Raises PrinterHalted, and TimeoutError when the limit passes.
        """
        while not self._take_in_order(min(_POLL_EVERY_S, limit.left_s())):
            self.require_no_fault()
            if not limit.left_s():
                raise TimeoutError("the printer does not answer")
        if self.paper is PaperState.OUT and self.require_no_fault() == _MUTE:
            raise PrinterHalted(_OUT_OF_PAPER)  # it takes data without paper

    def _begin_counting(self) -> None:
        """Count what is answered from here on apart from what was answered before."""
        while self._unanswered and self._take_in_order(_SETTLE_S):
            pass
        self._unanswered_before = self._unanswered
        self._unrequested = 0
        self.confirmations = 0

    def _confirm_within(self, limit: Deadline) -> None:
        self.confirmations = 0
        for _ in range(self._rounds()):
            self.query_in_order()
            self._await_answer(limit)
            self.confirmations += 1

    def _rounds(self) -> int:
        """Return how many queries must be answered until one of the answers is certain to be to one of them."""
        return _FOREIGN_ANSWERS + 1 + self._unanswered

    def _answers_in_order(self) -> bool:
        self.query_in_order()
        return self._take_in_order(self.limit_s)

    def _take_in_order(self, within_s: float) -> bool:
        """Wait for one answer in order and note the paper that it reports."""
        answer = self._answers.wait_for(AnswerKind.IN_ORDER, within_s=within_s)
        if answer is None:
            return False
        self._unanswered -= 1
        self.has_answered = True
        self.paper = printer_answers.decode_paper_in_order(answer)
        return True

    def _query_status_once(self) -> PrinterStatus:
        self._answers.discard(AnswerKind.NOW)
        received = list(self._query_now())
        if None in received:
            return _MUTE
        offline, error, paper = (answer for answer in received if answer is not None)
        faults = printer_answers.decode_faults_now(offline_cause=offline, error_cause=error, paper=paper)
        return PrinterStatus(
            paper=PaperState.OUT if PrinterFault.PAPER_OUT in faults else printer_answers.decode_paper_now(paper),
            faults=faults,
        )

    def _query_now(self) -> Iterator[int | None]:
        """Yield the answers to the three queries of the printer's state; None, and no more, after the first silence."""
        for query in (
            printer_answers.QUERY_OFFLINE_CAUSE,
            printer_answers.QUERY_ERROR_CAUSE,
            printer_answers.QUERY_PAPER_NOW,
        ):
            self._connection._raw(query)
            answer = self._answers.wait_for(AnswerKind.NOW, within_s=self.limit_s)
            yield answer
            if answer is None:
                return
