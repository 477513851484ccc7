"""Idempotency: a repeated request id gets the first answer.

The answer to a command that changed something is stored in its transaction, for its business day and the next. What
changed nothing, above all a refusal, is kept in memory for as long as a device repeats a request and much longer: the
retry of a refused press must not take effect.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from itertools import islice
from typing import Any

from protocol.answers import ErrorAnswer
from server.domain.model.refusals import Refusal, RequestIdReused, restore_refusal
from server.hub.commands.typed_command import Answered, AnswerT, Command
from server.store.site_store import RememberedAnswer

DONE, REFUSED = 200, 409
"""Status of a stored request: committed, or refused; earlier versions stored other numbers for some refusals."""
UNCHANGED_KEPT_S = 120.0
"""Time for which an answer to a command that changed nothing is kept, seconds; devices repeat a request for 6 s."""
UNCHANGED_KEPT_MAX = 4096
"""Number of such answers that are kept, the newest; one takes about a thousand bytes."""


class UnchangedAnswers:
    """The newest answers to commands that changed nothing, by request id. Times are seconds on a monotonic clock."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, RememberedAnswer]] = {}

    def get(self, request_id: str, *, at: float) -> RememberedAnswer | None:
        """Return the answer to this request; None when there was none, or when it is too old."""
        kept_at, row = self._kept.get(request_id, (at, None))
        return row if at - kept_at < UNCHANGED_KEPT_S else None

    def keep(self, answers: Mapping[str, RememberedAnswer], *, at: float) -> None:
        """Keep these answers, and drop what is too old or too much."""
        for request_id, row in answers.items():
            self._kept.pop(request_id, None)
            self._kept[request_id] = (at, row)
        for request_id, (kept_at, _) in list(islice(self._kept.items(), len(answers) + 1)):
            if len(self._kept) > UNCHANGED_KEPT_MAX or at - kept_at >= UNCHANGED_KEPT_S:
                del self._kept[request_id]


def fingerprint_of(command: Command[Any]) -> str:
    """Return the digest of a command's actor, name and fields, which distinguishes two uses of one request id.

    No device gets the answer to another one's request.
    """
    return hashlib.sha256(f"{command.actor}: {_act(command)}".encode()).hexdigest()


def _act(command: Command[Any]) -> str:
    return f"{command.name} {command.request.model_dump_json(exclude={'request_id'})}"


def row_of_answer(fingerprint: str, answered: Answered[Any]) -> RememberedAnswer:
    """Return the row to store for a committed command."""
    return RememberedAnswer(command=fingerprint, status=DONE, answer=answered.json)


def row_of_refusal(fingerprint: str, refusal: Refusal) -> RememberedAnswer:
    """Return the row to store for a refusal."""
    answer = ErrorAnswer(error=refusal.name, message=refusal.message, field=refusal.field)
    return RememberedAnswer(command=fingerprint, status=REFUSED, answer=answer.model_dump_json())


def answer_again(row: RememberedAnswer, command: Command[AnswerT], fingerprint: str) -> Answered[AnswerT]:
    """Return the stored answer. Raises RequestIdReused, or the stored refusal."""
    of_earlier_version = hashlib.sha256(_act(command).encode()).hexdigest()  # which did not note the actor
    if row.command not in (fingerprint, of_earlier_version):
        raise RequestIdReused
    if row.status != DONE:
        raise restore_refusal(ErrorAnswer.model_validate_json(row.answer))
    return Answered(command.parse(row.answer), row.answer)
