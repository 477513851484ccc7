"""One press becomes one request to the hub, made once: a press must never take effect late."""

from __future__ import annotations

import logging
from enum import StrEnum

from protocol.clients.hub_client import HubAway, HubClient, HubRefused
from protocol.requests import WindowRequest
from protocol.vocabulary import WindowAction, WindowId

log = logging.getLogger(__name__)


class PressOutcome(StrEnum):
    """How a press went."""

    TAKEN = "taken"
    NOBODY_WAITING = "nobody_waiting"
    REFUSED = "refused"
    AWAY = "away"


def request_action(hub: HubClient, *, window: WindowId, action: WindowAction, request_id: str) -> PressOutcome:
    """Request an action at a window, without any retry, and return how it went.

    Blocks for at most the client's time limit.
    """
    request = WindowRequest(request_id=request_id)
    try:
        if action in {WindowAction.OPEN, WindowAction.PAUSE}:
            hub.set_window(window, action, request)
        else:
            hub.command_window(window, action, request)
    except HubRefused as refusal:
        log.info("%s at %s: %s", action, window, refusal)
        return PressOutcome.NOBODY_WAITING if refusal.answer.error == "nobody_waiting" else PressOutcome.REFUSED
    except HubAway as error:
        log.debug("%s at %s was not taken: %s", action, window, error)
        return PressOutcome.AWAY
    return PressOutcome.TAKEN
