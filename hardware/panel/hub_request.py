"""One press becomes one question to the hub, asked once."""

from __future__ import annotations

import logging
from enum import StrEnum

from protocol.hub_client import HubAway, HubClient, HubRefused
from protocol.requests import WindowCommand

log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """How a press went."""

    TAKEN = "taken"
    NOBODY_WAITING = "nobody_waiting"
    REFUSED = "refused"
    AWAY = "away"


def ask_hub(hub: HubClient, *, window: str, action: str, request_id: str) -> Outcome:
    """Tell the hub what was pressed at ``window``, wait for its answer and never ask again."""
    command = WindowCommand(request_id=request_id)
    try:
        if action in {"open", "pause"}:
            hub.set_window(window, action, command)
        else:
            hub.command_window(window, action, command)
    except HubRefused as refusal:
        log.info("%s at %s: %s", action, window, refusal)
        return Outcome.NOBODY_WAITING if refusal.answer.error == "nobody_waiting" else Outcome.REFUSED
    except HubAway as error:
        log.warning("%s at %s was not taken: %s", action, window, error)
        return Outcome.AWAY
    return Outcome.TAKEN
