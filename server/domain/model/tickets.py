"""A ticket: a visitor's place in the queue of one service, and the states it may pass through."""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple

from protocol.journal import Moment
from protocol.vocabulary import (
    Language,
    Promise,
    ReferralId,
    ServiceId,
    SiteId,
    Text,
    TicketId,
    TicketState,
    WindowId,
)
from server.domain.model.refusals import WrongState

S = TicketState

TRANSITIONS = MappingProxyType(
    {
        "call": {S.WAITING: S.CALLED, S.PARKED: S.CALLED, S.NO_SHOW: S.CALLED, S.TRAVELLING: S.CALLED},
        "recall": {S.CALLED: S.CALLED, S.SERVING: S.SERVING},
        "start": {S.CALLED: S.SERVING},
        "finish": {S.SERVING: S.FINISHED},
        "no_show": {S.CALLED: S.NO_SHOW, S.TRAVELLING: S.NO_SHOW},
        "return": {S.NO_SHOW: S.WAITING},
        "transfer": {S.CALLED: S.WAITING, S.SERVING: S.WAITING},
        "park": {S.WAITING: S.PARKED, S.SERVING: S.PARKED},
        "unpark": {S.PARKED: S.WAITING},
        "refer": {S.WAITING: S.REFERRED},
        "check_in": {S.TRAVELLING: S.WAITING},
        "cancel": dict.fromkeys((S.WAITING, S.CALLED, S.SERVING, S.PARKED, S.NO_SHOW, S.TRAVELLING), S.CANCELLED),
    }
)
"""States in which each act may happen to a ticket, and the state after it."""

ENDED = frozenset({S.FINISHED, S.CANCELLED, S.REFERRED})
"""States a ticket never leaves."""

STATE_NAMES_ZH = MappingProxyType(
    {
        S.WAITING: "等候中",
        S.CALLED: "已叫号",
        S.SERVING: "办理中",
        S.PARKED: "已挂起",
        S.FINISHED: "已办结",
        S.NO_SHOW: "已过号",
        S.CANCELLED: "已取消",
        S.REFERRED: "已转介",
        S.TRAVELLING: "在途",
    }
)

Seniority = tuple[int, int]
"""Order in the queue: the journal number a place was earned at, then the journal number it was taken at."""


class Ticket(NamedTuple):
    """A ticket as the rules see it; ended ones are kept only in the store."""

    id: TicketId
    """Secret id, 96 random bits: whoever knows it holds the paper, so it is also the address of the ticket's page."""
    number: str
    service: ServiceId
    language: Language
    priority: str | None
    state: TicketState
    seniority: Seniority
    issued: Moment
    since: Moment
    """Moment from which its place counts: the issue; a return takes that of the place it stands behind."""
    queued: Moment
    """Moment from which it waits for this call: issue, transfer or return."""
    people_ahead: int
    promise: Promise | None
    called: Moment | None = None
    started: Moment | None = None
    window: WindowId | None = None
    summoned: Moment | None = None
    """Moment of the latest call; of the latest recall when the visitor had been announced before."""
    announced: Moment | None = None
    """Moment at which the hall's voice ended that announcement; None while it is still due."""
    call_seq: int | None = None
    """Journal number of the latest call."""
    assumed: bool = False
    """Whether nobody recorded how the last call ended: FINISHED or NO_SHOW then follows from the next press."""
    returns: int = 0
    credit_s: float = 0.0
    """Time a referred visitor has waited at the other site before, seconds."""
    referral: ReferralId | None = None
    """Referral of a place held for another site's visitor; None on any other ticket."""
    from_site: SiteId | None = None
    travel_min: float = 0.0
    """Travel time of a referred visitor from the moment the place was held, minutes."""
    confirmed: bool = True
    """Whether this site owns the ticket: a place is only held until the other site reports ``taken``."""

    @property
    def absence_assumed(self) -> bool:
        """Whether it missed its call by assumption: only the clerk can say whether the visitor came."""
        return self.assumed and self.state is TicketState.NO_SHOW

    def arrives_in_s(self, at: Moment) -> float:
        """Return the seconds until a referred visitor is expected here; 0.0 for who is here, or is late."""
        if self.state is not TicketState.TRAVELLING:
            return 0.0
        return max(0.0, self.travel_min * 60 - at.since(self.issued))


def state_after(state: TicketState, event: str) -> TicketState:
    """Return the state after ``event``; raises WrongState when it may not happen in ``state``."""
    try:
        return TRANSITIONS[event][state]
    except KeyError:
        raise WrongState(Text(zh=STATE_NAMES_ZH[state], en=state)) from None
