"""Idempotency: the same request id gets the same answer, on its business day and the next, over restarts too.

An answer is remembered in the transaction that carried its command out. A refusal is remembered as well, although it
has changed nothing: a press that was refused must not fire when its repeat comes.
"""

from __future__ import annotations

import hashlib
from typing import Any

from protocol.answers import ErrorAnswer
from server.domain.model.refusals import Refusal, RequestIdReused, restore_refusal
from server.hub.commands.typed_command import Answered, AnswerT, Command
from server.store.site_store import RememberedAnswer

DONE, REFUSED = 200, 409
"""Status of a request in its table: carried out, or refused; earlier versions have other numbers for some refusals."""


def fingerprint_of(command: Command[Any]) -> str:
    """Return a digest of what is asked, which tells two uses of one request id apart."""
    fields = command.request.model_dump_json(exclude={"request_id"})
    return hashlib.sha256(f"{command.name} {fields}".encode()).hexdigest()


def row_of_answer(fingerprint: str, answered: Answered[Any]) -> RememberedAnswer:
    """Return what the database keeps of a command that was carried out."""
    return RememberedAnswer(command=fingerprint, status=DONE, answer=answered.json)


def row_of_refusal(fingerprint: str, refusal: Refusal) -> RememberedAnswer:
    """Return what the database keeps of a refusal."""
    answer = ErrorAnswer(error=refusal.name, message=refusal.message, field=refusal.field)
    return RememberedAnswer(command=fingerprint, status=REFUSED, answer=answer.model_dump_json())


def answer_again(row: RememberedAnswer, command: Command[AnswerT], fingerprint: str) -> Answered[AnswerT]:
    """Return the answer of before. Raises RequestIdReused, or the refusal of before."""
    if row.command != fingerprint:
        raise RequestIdReused
    if row.status != DONE:
        raise restore_refusal(ErrorAnswer.model_validate_json(row.answer))
    return Answered(command.parse(row.answer), row.answer)
