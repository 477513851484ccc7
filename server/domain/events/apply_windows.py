"""How the journal changes windows: what clerks did, and what managers accepted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from protocol import journal as j
from protocol.vocabulary import WindowState
from server.domain.model.hall import Agreed, Hall


def _changed(hall: Hall, entry: j.Entry, fact: j.WindowChanged) -> Hall:  # noqa: ARG001 - same shape for all facts
    window = hall.window(fact.window)
    agreed = tuple(replace(a, done=a.done or _is_so(a, fact.state)) for a in window.agreed)
    window = replace(window, state=fact.state, agreed=agreed)
    return replace(hall, windows={**hall.windows, window.id: window})


def _helps(hall: Hall, entry: j.Entry, fact: j.WindowHelps) -> Hall:  # noqa: ARG001 - same shape for all facts
    window = replace(hall.window(fact.window), helps=fact.services)
    return replace(hall, windows={**hall.windows, window.id: window})


def _agreed(hall: Hall, entry: j.Entry, fact: j.WindowAgreed) -> Hall:  # noqa: ARG001 - same shape for all facts
    window = hall.window(fact.window)
    asked = Agreed(proposal=fact.proposal, opens=fact.opens, services=fact.services, elsewhere=fact.elsewhere)
    asked = replace(asked, done=_is_so(asked, window.state))
    window = replace(window, agreed=(*window.agreed, asked))
    return replace(hall, windows={**hall.windows, window.id: window})


def _is_so(agreed: Agreed, state: WindowState) -> bool:
    return agreed.opens is (state is WindowState.OPEN)


APPLY: Mapping[str, Callable[[Hall, j.Entry, Any], Hall]] = MappingProxyType(
    {"window_changed": _changed, "window_helps": _helps, "window_agreed": _agreed}
)
