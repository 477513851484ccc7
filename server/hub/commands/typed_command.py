"""A command as a value: the request, its actor, and the rule that decides it."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

from protocol import journal as j
from protocol.requests import Request
from protocol.vocabulary import TicketId
from server.domain.model.hall import Hall

AnswerT = TypeVar("AnswerT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Decision(Generic[AnswerT]):
    """The result of a rule: the facts to journal, and the function that makes the answer from the hall after them."""

    facts: Sequence[j.AnyFact]
    answer: Callable[[Hall], AnswerT]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(ABC, Generic[AnswerT]):
    """One request to the hub with all inputs of its rule. Pure: the same hall and moment, the same decision."""

    request: Request
    actor: str
    """Requester, for the journal: a device's id or a person's role."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Name of the act with its target.

        With the request's fields it distinguishes two uses of one ``request_id``. It is stored with the answer, over
        restarts and versions, so it never changes.
        """

    @abstractmethod
    def decide(self, hall: Hall, at: j.Moment) -> Decision[AnswerT]:
        """Return the decision at a moment. Pure. Raises Refusal."""

    @abstractmethod
    def parse(self, answer: str) -> AnswerT:
        """Parse a stored answer (JSON)."""


@dataclass(frozen=True, slots=True)
class Answered(Generic[AnswerT]):
    """The answer to a command, and its JSON, which is encoded once, for the database and for HTTP."""

    answer: AnswerT
    json: str


def new_secret() -> str:
    """Return an unguessable id: 96 random bits, URL-safe."""
    return secrets.token_urlsafe(12)


def new_ticket_id() -> TicketId:
    """Return the id of a new ticket, which is also the address of its page."""
    return TicketId(new_secret())
