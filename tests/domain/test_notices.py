"""A notice has only characters that the hall's screens draw right."""

from __future__ import annotations

import pytest

from protocol import journal as j
from protocol.vocabulary import Text
from server.domain.desk.notices import change_notice
from server.domain.events.apply import empty_hall
from server.domain.model.catalogue import Catalogue
from server.domain.model.refusals import NotDrawable


@pytest.mark.parametrize("zh", ["㮾梨街道今天停电", "⚠️ 请注意 📢", "بۈگۈن توك يوق", "𠀀先生"])
def test_rare_characters_emoji_and_uyghur_are_taken(small_catalogue: Catalogue, zh: str) -> None:
    text = Text(zh=zh, en="No power today")
    assert change_notice(empty_hall(small_catalogue), text=text) == (j.NoticeChanged(text=text),)


@pytest.mark.parametrize("en", ["བོད་", "👍🏻", "\ue000", "ᠮᠣᠩ"])
def test_what_would_be_a_box_or_wrong_is_refused(small_catalogue: Catalogue, en: str) -> None:
    with pytest.raises(NotDrawable):
        change_notice(empty_hall(small_catalogue), text=Text(zh="通知", en=en))
