"""What balancing saved, as words and rows: the same on the page and in the CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from protocol.vocabulary import Language, Promise, ServiceId, SiteId, Text
from server.domain.county.savings import DeclinedOffer, ReferredVisit, Savings, VisitEnd, median_quote
from server.web.staff.figures.figures_table import BYTE_ORDER_MARK, harmless

Name = Callable[[SiteId, ServiceId | None], Text]
"""Names a site, or with a second id one of its services."""

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
class Writer:
    """How rows are written: in which language, in whose time, with which names."""

    language: Language
    zone: ZoneInfo
    name: Name

    def sent(self, row: ReferredVisit) -> tuple[str, ...]:
        """Return one visitor who went."""
        saved = "" if row.saved_min is None else f"{row.saved_min:.0f}"
        remarks = [ENDS[row.end], *([_HURT] if row.worse_off else []), *([_MISSED] if row.missed else [])]
        return (
            *self._begin(row.at, row.from_site, row.to_site, row.service, row.number),
            self.say(_WENT),
            *_minutes(row.here, row.there, row.waited_min),
            saved,
            "; ".join(self.say(r) for r in remarks),
        )

    def declined(self, row: DeclinedOffer) -> tuple[str, ...]:
        """Return one visitor who stayed."""
        return (
            *self._begin(row.at, row.site, row.to_site, row.service, row.number),
            self.say(_STAYED),
            *_minutes(row.here, row.there, row.waited_min),
            "",
            self.say(ENDS[row.end]),
        )

    def head(self) -> tuple[str, ...]:
        """Return the titles of the columns."""
        return tuple(self.say(t) for t in HEAD)

    def say(self, text: Text) -> str:
        """Return a text in the reader's language."""
        return text.in_language(self.language)

    def _begin(self, at: datetime, site: SiteId, to_site: SiteId, service: ServiceId, number: str) -> tuple[str, ...]:
        names = (self.name(site, None), self.name(to_site, None), self.name(to_site, service))
        return (f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}", *(self.say(n) for n in names), number)


def _minutes(here: Promise, there: Promise, waited_min: float | None) -> tuple[str, str, str]:
    waited = "" if waited_min is None else f"{waited_min:.0f}"
    return (f"{median_quote(here):.0f}", f"{there.low_min}–{there.high_min}", waited)


def as_csv(account: Savings, writer: Writer) -> str:
    """Return every offer that was answered, those sent first, as Excel opens it."""
    out = io.StringIO()
    out.write(BYTE_ORDER_MARK)
    rows = [writer.head(), *map(writer.sent, account.referred), *map(writer.declined, account.declined)]
    csv.writer(out, lineterminator="\r\n").writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue()
