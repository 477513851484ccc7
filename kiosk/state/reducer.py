"""The kiosk's state machine as a pure reducer: state and event in, next state and effects out, time an argument.

::

    welcome ─► department ─► service ─► confirm ─► issuing ─► number ─► welcome
       │           │                     ▲  │ ▲       │
       │           └─ only one service ──┘  │ │       └► refused
       │                                    ├─┴ priority
       │                                    └► offer ─► reserving ─► referred ─► welcome
       │                                                   └► no place ─► issuing
       └► check-in ─► checking-in ─► checked-in ─► welcome
             ▲           └► not found ─┐
             └─────────────────────────┘
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.state import events as e
from kiosk.state.current_page import current_page
from kiosk.state.kiosk_state import KioskState, Step
from kiosk.state.on_news import on_news
from kiosk.state.on_touch import on_touch
from kiosk.state.visitor_requests import find_offer
from protocol.requests import IssueTicket


def advance(state: KioskState, event: e.KioskEvent, *, at: float) -> tuple[KioskState, tuple[e.Effect, ...]]:
    """Return the state after an event, and the effects for the workers, in order; ``at`` in seconds, monotonic."""
    if isinstance(event, e.Touch):
        after, effect = on_touch(state, event, at=at)
    else:
        after, effect = on_news(state, event, at=at)
    after, offer_search = find_offer(after)
    if current_page(after) is not current_page(state):
        after = replace(after, changed_at=at)
    effects = (_cancel_unclaimed(state, event, after=after), effect, offer_search)
    return after, tuple(each for each in effects if each is not None)


def _cancel_unclaimed(before: KioskState, event: e.KioskEvent, *, after: KioskState) -> e.CancelUnclaimed | None:
    """Cancel a ticket request whose visitor left, or selected anew, before it was answered.

    A place at another site needs no cancellation: it expires there by itself. A check-in stays true without its page.
    """
    answered = after.step is Step.NUMBER or isinstance(event, e.RequestRefused)
    if answered or before.request == after.request or not isinstance(before.request, IssueTicket):
        return None
    return e.CancelUnclaimed(request=before.request)
