"""How a press on a page becomes one command, or visibly none."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable

from protocol.vocabulary import Text
from server.auth.login_service import LoginService
from server.web.site_service import NotDone

TOO_OLD_S = 4.0
"""A press from a page that has not heard the hub for so long was made before an interruption: it must not fire late."""

TOO_LATE = Text(
    zh="连接中断过，刚才的按键没有生效。请看清状态后再按。",
    en="The connection was interrupted and the key was not taken. Please look, then press again.",
)

Work = Callable[[str], Awaitable[object]]
"""Asks the site for one thing; told the request's id."""


def new_request_id() -> str:
    """Return the id of one press."""
    return f"page:{uuid.uuid4().hex}"


class Presses:
    """One page's presses, one at a time; those made while one is under way are dropped."""

    def __init__(self, door: LoginService, *, busy: Callable[[], None], said: Callable[[Text | None], None]) -> None:
        self._door = door
        self._busy = busy
        self._said = said
        self.under_way = False

    async def carry_out(self, work: Work, heard_at: float) -> None:
        """Carry one press out, and say in words why when it was refused; ``heard_at`` as in ``pieces.Pressed``."""
        if self.under_way:
            return
        if self._door.now().mono_s - heard_at > TOO_OLD_S:
            self._said(TOO_LATE)
            return
        self.under_way = True
        self._busy()
        said = None
        try:
            await work(new_request_id())
        except NotDone as refused:
            said = refused.message
        finally:
            self.under_way = False
            self._said(said)
            self._busy()
