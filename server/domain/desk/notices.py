"""Rule for the line at the foot of the hall screens."""

from __future__ import annotations

from protocol import journal as j
from protocol.vocabulary import Text
from server.domain.model.hall import Hall


def change_notice(hall: Hall, *, text: Text) -> tuple[j.NoticeChanged, ...]:
    """Replace the notice; what it is already changes nothing."""
    return () if text == hall.notice else (j.NoticeChanged(text=text),)
