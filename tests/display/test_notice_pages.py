"""A notice is shown whole, if need be piece by piece."""

from __future__ import annotations

from display.notice_pages import notice_piece
from protocol.vocabulary import Text

SHORT = Text(zh="今天下午社保业务暂停办理。", en="Social security pauses this afternoon.")
LONG = Text(
    zh="为方便群众，本中心周六上午九点至十二点正常办理居民身份证、社会保障卡、不动产登记等业务。",
    en="On Saturdays we are open from 9 to 12.",
)


def pieces(notice: Text, turns: int) -> list[Text]:
    return [notice_piece(notice, at=8.0 * turn, piece_s=8.0) for turn in range(turns)]


def test_a_short_notice_is_one_page() -> None:
    assert pieces(SHORT, 3) == [SHORT] * 3


def test_a_long_notice_turns_and_nothing_of_it_is_missing() -> None:
    first, second, again = pieces(LONG, 3)
    assert first.zh + second.zh == LONG.zh
    assert again == first
    assert first.en == second.en == LONG.en
    assert max(len(first.zh), len(second.zh)) <= 28


def test_no_notice_is_no_notice() -> None:
    nothing = Text(zh="", en="")
    assert pieces(nothing, 2) == [nothing, nothing]
