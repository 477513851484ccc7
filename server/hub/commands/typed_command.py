"""A command as a value: who asks for what, and the rule that decides it."""

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
    """What a rule decides: the facts, and how the answer reads in the hall after them."""

    facts: Sequence[j.AnyFact]
    answer: Callable[[Hall], AnswerT]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(ABC, Generic[AnswerT]):
    """One request to the hub with everything its rule needs, so that it is decided the same wherever it is run."""

    request: Request
    actor: str
    """Who asks, for the journal: a device's id or a person's role."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What is asked, with its target.

        With the request's fields it tells two uses of one ``request_id`` apart. It is remembered with the answer over
        restarts and versions, so it never changes.
        """

    @abstractmethod
    def decide(self, hall: Hall, at: j.Moment) -> Decision[AnswerT]:
        """Decide at a moment. Pure; raises Refusal."""

    @abstractmethod
    def parse(self, answer: str) -> AnswerT:
        """Read an answer that was remembered as JSON."""


@dataclass(frozen=True, slots=True)
class Answered(Generic[AnswerT]):
    """The answer to a command, and the same as JSON: it is encoded once, for the memory of answers and for HTTP."""

    answer: AnswerT
    json: str


def new_secret() -> str:
    """Return an id nobody can guess (96 random bits)."""
    return secrets.token_urlsafe(12)


def new_ticket_id() -> TicketId:
    """Return the id of a new ticket, which is also the address of its page."""
    return TicketId(new_secret())
