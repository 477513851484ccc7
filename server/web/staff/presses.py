"""How a press on a page becomes one command, or visibly none."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable

from protocol.vocabulary import Text
from server.auth.login_service import LoginService
from server.web.site_service import NotDone

TOO_OLD_S = 4.0
"""Age of a page's last contact from which its presses are refused, seconds: a press from before an interruption must
not take effect late."""

TOO_LATE = Text(
    zh="连接中断过，刚才的按键没有生效。请看清状态后再按。",
    en="The connection was interrupted and the key was not taken. Please look, then press again.",
)

PageCommand = Callable[[str], Awaitable[object]]
"""Runs one command; its argument is the request's id."""


def new_request_id() -> str:
    """Return the id of one press."""
    return f"page:{uuid.uuid4().hex}"


class Presses:
    """One page's presses, one at a time; those made while one is under way are dropped.

    ``busy_changed`` is called when a press begins and when it has ended, ``show_refusal`` with the reason when it was
    refused and with None when it was not.
    """

    def __init__(
        self,
        service: LoginService,
        *,
        busy_changed: Callable[[], None],
        show_refusal: Callable[[Text | None], None],
    ) -> None:
        self._service = service
        self._busy_changed = busy_changed
        self._show_refusal = show_refusal
        self.under_way = False

    async def run(self, command: PageCommand, contact_at: float) -> None:
        """Run the command of one press; ``contact_at`` is the argument of a ``widgets.PressAction``."""
        if self.under_way:
            return
        if self._service.now().mono_s - contact_at > TOO_OLD_S:
            self._show_refusal(TOO_LATE)
            return
        self.under_way = True
        self._busy_changed()
        refusal = None
        try:
            await command(new_request_id())
        except NotDone as refused:
            refusal = refused.message
        finally:
            self.under_way = False
            self._show_refusal(refusal)
            self._busy_changed()
