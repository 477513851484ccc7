"""One line about the visitor who was called: announced or not yet, and from when the no-show key works."""

from __future__ import annotations

import math

from protocol.journal import Moment
from protocol.vocabulary import Text, TicketState, WindowId
from server.domain.desk.announcements import no_show_in_s
from server.domain.model.hall import Hall

NOTHING = Text(zh="", en="")


def is_no_show_early(hall: Hall, window: WindowId, *, at: Moment) -> bool:
    """Whether the visitor at a window may not be marked as absent yet."""
    at_window = hall.open_ticket(hall.window(window).ticket)
    return at_window is not None and bool(no_show_in_s(hall, at_window, at=at))


def called_line(hall: Hall, window: WindowId, *, at: Moment) -> Text:
    """Return what a clerk should know about the call, or nothing."""
    at_window = hall.open_ticket(hall.window(window).ticket)
    if at_window is None or at_window.state is not TicketState.CALLED:
        return NOTHING
    parts = []
    if at_window.announced is not None:
        ago_s = int(at.since(at_window.announced))
        parts.append(Text(zh=f"已播报 {ago_s} 秒", en=f"Announced {ago_s} s ago"))
    elif hall.announcements:
        parts.append(Text(zh="正在等待播报", en="Waiting to be announced"))
    left_s = math.ceil(no_show_in_s(hall, at_window, at=at) or 0)
    if left_s:
        parts.append(Text(zh=f"{left_s} 秒后可按“过号”", en=f"no-show in {left_s} s"))
    return Text(zh="，".join(part.zh for part in parts), en=", ".join(part.en for part in parts))
