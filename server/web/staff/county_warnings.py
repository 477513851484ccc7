"""The state of a hub's connection to its county, as text for its manager."""

from __future__ import annotations

from protocol.answers import CountyConnection, CountyState
from protocol.text.dates import day_and_clock
from protocol.vocabulary import Text

_DIFFERENT = Text(
    zh="县平台上本大厅的数据与本机不同，请告诉技术人员。",
    en="The county's figures of this hall differ from the hub's own: please tell a technician.",
)


def county_warnings(connection: CountyConnection | None, *, time_zone: str) -> tuple[Text, ...]:
    """Return the warnings for a manager: none while all is well, and none at a hub that belongs to no county."""
    if connection is None:
        return ()
    different = (_DIFFERENT,) if connection.tables_equal is False else ()
    if connection.state is CountyState.STOPPED and connection.refused is not None:
        message = connection.refused.message
        return (
            Text(
                zh=f"县平台不再接收本大厅的流水：{message.zh}。本大厅照常工作，暂不推荐其他大厅，请告诉技术人员。",
                en=f"The county takes no more of this hall's journal: {message.en}. "
                "The hall works as always; other halls are not offered. Please tell a technician.",
            ),
            *different,
        )
    if connection.away_since is None:
        return different
    since = day_and_clock(connection.away_since, time_zone)
    return (
        Text(
            zh=f"县平台离线，自 {since} 起。本大厅照常工作，暂不推荐其他大厅。",
            en=f"County away since {since}. This hall works as always; other halls are not offered.",
        ),
        *different,
    )
