"""Idempotency: a repeated request id gets the first answer, on its business day and the next, over restarts too.

The answer is stored in the transaction of its command. A refusal is stored as well, although it changes nothing: the
retry of a refused press must not take effect.
"""

from __future__ import annotations

import hashlib
from typing import Any

from protocol.answers import ErrorAnswer
from server.domain.model.refusals import Refusal, RequestIdReused, restore_refusal
from server.hub.commands.typed_command import Answered, AnswerT, Command
from server.store.site_store import RememberedAnswer

DONE, REFUSED = 200, 409
"""Status of a stored request: committed, or refused; earlier versions stored other numbers for some refusals."""


def fingerprint_of(command: Command[Any]) -> str:
    """Return the digest of a command's name and fields, which distinguishes two uses of one request id."""
    fields = command.request.model_dump_json(exclude={"request_id"})
    return hashlib.sha256(f"{command.name} {fields}".encode()).hexdigest()


def row_of_answer(fingerprint: str, answered: Answered[Any]) -> RememberedAnswer:
    """Return the row to store for a committed command."""
    return RememberedAnswer(command=fingerprint, status=DONE, answer=answered.json)


def row_of_refusal(fingerprint: str, refusal: Refusal) -> RememberedAnswer:
    """Return the row to store for a refusal."""
    answer = ErrorAnswer(error=refusal.name, message=refusal.message, field=refusal.field)
    return RememberedAnswer(command=fingerprint, status=REFUSED, answer=answer.model_dump_json())


def answer_again(row: RememberedAnswer, command: Command[AnswerT], fingerprint: str) -> Answered[AnswerT]:
    """Return the stored answer. Raises RequestIdReused, or the stored refusal."""
    if row.command != fingerprint:
        raise RequestIdReused
    if row.status != DONE:
        raise restore_refusal(ErrorAnswer.model_validate_json(row.answer))
    return Answered(command.parse(row.answer), row.answer)
