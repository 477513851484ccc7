"""What a hall's manager reads of its county."""

from __future__ import annotations

from datetime import UTC, datetime

from protocol.answers import CountyConnection, CountyState, ErrorAnswer
from protocol.vocabulary import Text
from server.web.staff.county_warnings import county_warnings

SINCE = datetime(2026, 11, 23, 2, 32, tzinfo=UTC)
REFUSED = ErrorAnswer(error="gap", message=Text(zh="中间缺少流水", en="entries are missing"))


def warnings(state: CountyState, **more: object) -> list[str]:
    connection = CountyConnection.model_validate({"state": state, "seq": 7, **more})
    return [line for text in county_warnings(connection, time_zone="Asia/Shanghai") for line in (text.zh, text.en)]


def test_there_is_no_warning_while_all_is_well_or_there_is_no_county() -> None:
    assert county_warnings(None, time_zone="Asia/Shanghai") == ()
    assert warnings(CountyState.JOINED) == warnings(CountyState.JOINED, tables_equal=True) == []


def test_a_county_that_is_away_is_a_warning_with_the_time_and_what_it_means() -> None:
    assert warnings(CountyState.AWAY, away_since=SINCE) == [
        "县平台离线，自 11-23 10:32 起。本大厅照常工作，暂不推荐其他大厅。",
        "County away since 11-23 10:32. This hall works as always; other halls are not offered.",
    ]


def test_a_refusal_is_shown_in_the_countys_own_words() -> None:
    chinese, english = warnings(CountyState.STOPPED, away_since=SINCE, refused=REFUSED)
    assert chinese == "县平台不再接收本大厅的流水：中间缺少流水。本大厅照常工作，暂不推荐其他大厅，请告诉技术人员。"
    assert "entries are missing" in english


def test_tables_that_differ_are_a_warning_in_every_state() -> None:
    assert "differ from the hub's own" in warnings(CountyState.JOINED, tables_equal=False)[-1]
    assert "differ from the hub's own" in warnings(CountyState.AWAY, away_since=SINCE, tables_equal=False)[-1]
