"""Which page a visitor sees next: values in, values out, the time is an argument (seconds that only grow).

::

    welcome ─► department ─► service ─► confirm ─► asking ─► number ─► welcome
                   │                     ▲  │ ▲       │
                   └─ only one service ──┘  │ │       └► refused
                                            └─┴ priority
"""

from __future__ import annotations

from dataclasses import replace

from kiosk import events as e
from kiosk.hearing import heard
from kiosk.state import Flow, Step, page
from kiosk.touching import touched
from protocol.messages import IssueTicket


def advance(flow: Flow, event: e.Event, *, at: float) -> tuple[Flow, e.Effect | None]:
    """Return what the kiosk shows after an event, and what its workers shall do."""
    if isinstance(event, e.Touch):
        after, effect = touched(flow, event, at=at)
    else:
        after, effect = heard(flow, event, at=at)
    if page(after) is not page(flow):
        after = replace(after, changed_at=at)
    given_up = _given_up(flow, event, after=after)
    return after, e.Withdraw(command=given_up) if given_up else effect


def _given_up(before: Flow, event: e.Event, *, after: Flow) -> IssueTicket | None:
    """Return the request that the event ended without a number or a refusal: the visitor has gone, or chose anew."""
    answered = after.step is Step.NUMBER or isinstance(event, e.TicketRefused)
    return None if answered or before.request == after.request else before.request
