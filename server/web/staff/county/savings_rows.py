"""What balancing saved, as rows of text: the same on the page and in the CSV file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from protocol.text.dates import date_and_clock
from protocol.vocabulary import Language, Promise, ServiceId, SiteId, Text
from server.domain.county.savings import DeclinedOffer, ReferredVisit, Savings, VisitEnd, median_quote

NameOf = Callable[[SiteId, ServiceId | None], Text]
"""Returns the name of a site, or of one of its services when a second id is given."""

ENDS = MappingProxyType(
    {
        VisitEnd.CALLED: Text(zh="已叫到", en="called"),
        VisitEnd.WAITING: Text(zh="还在等候或在途", en="waiting or on the way"),
        VisitEnd.NOT_ARRIVED: Text(zh="没有到场", en="did not arrive"),
        VisitEnd.CANCELLED: Text(zh="已取消", en="cancelled"),
    }
)
REASONS = MappingProxyType(
    {
        "no_answer": Text(zh="对方没有及时答复", en="the other site did not answer in time"),
        "refused": Text(zh="对方不能留位", en="the other site had no place"),
        "changed_mind": Text(zh="群众改变主意", en="the visitor changed the mind"),
        "called_here": Text(zh="在本处先被叫到", en="called here meanwhile"),
        "day_ended": Text(zh="当天结束", en="the day ended"),
    }
)
HEAD = (
    Text(zh="时间", en="Time"),
    Text(zh="从", en="From"),
    Text(zh="到", en="To"),
    Text(zh="事项", en="Service"),
    Text(zh="号码", en="Number"),
    Text(zh="决定", en="Decision"),
    Text(zh="留下预计（分）", en="Staying, predicted (min)"),
    Text(zh="对方告知（分）", en="There, as told (min)"),
    Text(zh="实际（分，含路程）", en="Actual (min, travel included)"),
    Text(zh="节省（分）", en="Saved (min)"),
    Text(zh="结果", en="Outcome"),
)
_WENT = Text(zh="前往", en="went")
_STAYED = Text(zh="留下", en="stayed")
_HURT = Text(zh="▼ 反而更久", en="▼ longer than staying")
_MISSED = Text(zh="▲ 超出告知10分钟以上", en="▲ over 10 min past what was told")


@dataclass(frozen=True, slots=True)
class RowWriter:
    """Writes rows in one language, in one time zone and with the names of sites and services."""

    language: Language
    zone: ZoneInfo
    name: NameOf

    def referred(self, row: ReferredVisit) -> tuple[str, ...]:
        """Return the row of one visitor who went to another site."""
        saved = "" if row.saved_min is None else f"{row.saved_min:.0f}"
        remarks = [ENDS[row.end], *([_HURT] if row.worse_off else []), *([_MISSED] if row.missed else [])]
        return (
            *self._first_cells(row.at, row.from_site, row.to_site, row.service, row.number),
            self.own(_WENT),
            *_minutes(row.here, row.there, row.waited_min),
            saved,
            "; ".join(self.own(r) for r in remarks),
        )

    def declined(self, row: DeclinedOffer) -> tuple[str, ...]:
        """Return the row of one visitor who stayed."""
        return (
            *self._first_cells(row.at, row.site, row.to_site, row.service, row.number),
            self.own(_STAYED),
            *_minutes(row.here, row.there, row.waited_min),
            "",
            self.own(ENDS[row.end]),
        )

    def head(self) -> tuple[str, ...]:
        """Return the titles of the columns."""
        return tuple(self.own(t) for t in HEAD)

    def own(self, text: Text) -> str:
        """Return a text in the reader's language."""
        return text.in_language(self.language)

    def _first_cells(
        self, at: datetime, site: SiteId, to_site: SiteId, service: ServiceId, number: str
    ) -> tuple[str, ...]:
        names = (self.name(site, None), self.name(to_site, None), self.name(to_site, service))
        return (date_and_clock(at, self.zone), *(self.own(n) for n in names), number)


def _minutes(here: Promise, there: Promise, waited_min: float | None) -> tuple[str, str, str]:
    waited = "" if waited_min is None else f"{waited_min:.0f}"
    return (f"{median_quote(here):.0f}", f"{there.low_min}–{there.high_min}", waited)


def account_rows(account: Savings, writer: RowWriter) -> list[tuple[str, ...]]:
    """Return the head and a row for every offer that was answered, those of visitors who went first."""
    return [writer.head(), *map(writer.referred, account.referred), *map(writer.declined, account.declined)]
