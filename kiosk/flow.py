"""Which page a visitor sees next: values in, values out, the time is an argument (seconds that only grow).

::

    welcome ─► department ─► service ─► confirm ─► asking ─► number ─► welcome
       │           │                     ▲  │ ▲       │
       │           └─ only one service ──┘  │ │       └► refused
       │                                    ├─┴ priority
       │                                    └► offer ─► reserving ─► sent ─► welcome
       │                                                   └► no place ─► asking
       └► check-in ─► arriving ─► arrived ─► welcome
             ▲           └► not found ─┐
             └─────────────────────────┘
"""

from __future__ import annotations

from dataclasses import replace

from kiosk import events as e
from kiosk.asking import with_question
from kiosk.effects import Effect, Withdraw
from kiosk.hearing import heard
from kiosk.state import Flow, Step, page
from kiosk.touching import touched
from protocol.requests import IssueTicket


def advance(flow: Flow, event: e.Event, *, at: float) -> tuple[Flow, tuple[Effect, ...]]:
    """Return what the kiosk shows after an event, and what its workers shall do, in order."""
    if isinstance(event, e.Touch):
        after, effect = touched(flow, event, at=at)
    else:
        after, effect = heard(flow, event, at=at)
    after, question = with_question(after)
    if page(after) is not page(flow):
        after = replace(after, changed_at=at)
    effects = (_withdrawn(flow, event, after=after), effect, question)
    return after, tuple(each for each in effects if each is not None)


def _withdrawn(before: Flow, event: e.Event, *, after: Flow) -> Withdraw | None:
    """Return the end of a request for a number whose visitor has gone, or chose anew, before it was answered.

    A place elsewhere needs none: what nobody comes for ends by itself there. Nor does a check-in: who is here, is here.
    """
    answered = after.step is Step.NUMBER or isinstance(event, e.RequestRefused)
    if answered or before.request == after.request or not isinstance(before.request, IssueTicket):
        return None
    return Withdraw(command=before.request)
