"""Commands about the business day and the clock: a person's answers where the clock alone decides nothing."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel
from typing_extensions import override

from protocol import journal as j
from protocol.requests import ConfirmClock, SettleDay
from server.domain.day import business_day
from server.domain.day.business_day import IssuedNumbers
from server.domain.model.clock_trust import ClockTrust
from server.domain.model.hall import Hall
from server.domain.model.refusals import OtherTime
from server.domain.views import hall_views
from server.hub.commands.typed_command import Command, Decision

SHOWN_WITHIN_S = 120.0
"""Largest difference between the time that a person confirms and the hub's, seconds."""


class DayAnswer(BaseModel):
    """The business day after a person's answer."""

    day: str


def _answer_day(hall: Hall) -> DayAnswer:
    return DayAnswer(day=hall_views.business_day(hall).isoformat())


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySettlement(Command[DayAnswer]):
    """Answer the question about those left over: they are gone, or they are here."""

    request: SettleDay
    trust: ClockTrust
    numbers: IssuedNumbers

    @property
    @override
    def name(self) -> str:
        return "settle-day"

    def decide(self, hall: Hall, at: j.Moment) -> Decision[DayAnswer]:
        """Raises DaySettled."""
        facts = business_day.settle_day(
            hall, day=self.request.day, gone=self.request.gone, now=at, trust=self.trust, numbers=self.numbers
        )
        return Decision(facts, _answer_day)

    @override
    def parse(self, answer: str) -> DayAnswer:
        return DayAnswer.model_validate_json(answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockConfirmation(Command[DayAnswer]):
    """Confirm the time that a page shows."""

    request: ConfirmClock

    @property
    @override
    def name(self) -> str:
        return "confirm-clock"

    def decide(self, hall: Hall, at: j.Moment) -> Decision[DayAnswer]:  # noqa: ARG002 - a Command
        """Raises OtherTime."""
        if abs((at.at - self.request.shown).total_seconds()) > SHOWN_WITHIN_S:
            raise OtherTime
        return Decision([j.ClockConfirmed()], _answer_day)

    @override
    def parse(self, answer: str) -> DayAnswer:
        return DayAnswer.model_validate_json(answer)
