"""The fold of the facts about windows: what clerks did, and what managers accepted."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from protocol import journal as j
from protocol.vocabulary import WindowState
from server.domain.model.hall import Hall, HallWindow, WindowAgreement


def apply_window_fact(hall: Hall, fact: j.WindowFact) -> Hall:
    """Return the hall after one fact about a window."""
    window = hall.window(fact.window)
    match fact.kind:
        case "window_changed":
            window = _in_state(window, fact.state)
        case "window_helps":
            window = replace(window, helps=fact.services)
        case "window_agreed":
            window = _with_agreement(window, fact)
        case _:
            assert_never(fact)
    return hall._replace(windows={**hall.windows, window.id: window})


def _in_state(window: HallWindow, state: WindowState) -> HallWindow:
    agreed = tuple(replace(a, done=a.done or _is_fulfilled(a, state)) for a in window.agreed)
    return replace(window, state=state, agreed=agreed)


def _with_agreement(window: HallWindow, fact: j.WindowAgreed) -> HallWindow:
    agreed = WindowAgreement(proposal=fact.proposal, opens=fact.opens, services=fact.services, elsewhere=fact.elsewhere)
    agreed = replace(agreed, done=_is_fulfilled(agreed, window.state))
    return replace(window, agreed=(*window.agreed, agreed))


def _is_fulfilled(agreed: WindowAgreement, state: WindowState) -> bool:
    """Whether a window in this state does what was agreed: it is open, or its clerk is gone."""
    return agreed.opens is (state is WindowState.OPEN)
