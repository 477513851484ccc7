"""Rule for the notice at the foot of the hall screens."""

from __future__ import annotations

from protocol import journal as j
from protocol.text.repertoire import name_characters, undrawable_in
from protocol.vocabulary import Text
from server.domain.model.hall import Hall
from server.domain.model.refusals import NotDrawable


def change_notice(hall: Hall, *, text: Text) -> tuple[j.NoticeChanged, ...]:
    """Replace the notice; what it is already changes nothing. Raises NotDrawable."""
    if characters := undrawable_in(text):
        raise NotDrawable(name_characters(characters))
    return () if text == hall.notice else (j.NoticeChanged(text=text),)
