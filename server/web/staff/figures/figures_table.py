"""A day's figures as a table of text: the same rows under a chart, on paper and in the CSV file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from protocol.vocabulary import Language, ServiceId, Text, WindowId
from server.domain.model.hall import SiteIndex
from server.store.queries.day_figures import DayFigures, Figures


class GroupBy(StrEnum):
    """What figures are grouped by."""

    SERVICE = "service"
    WINDOW = "window"
    HOUR = "hour"


TITLES = MappingProxyType(
    {
        GroupBy.SERVICE: Text(zh="按事项", en="By service"),
        GroupBy.WINDOW: Text(zh="按窗口", en="By window"),
        GroupBy.HOUR: Text(zh="按取号时间（小时）", en="By hour of issue"),
    }
)

_FIRST = MappingProxyType(
    {
        GroupBy.SERVICE: Text(zh="事项", en="Service"),
        GroupBy.WINDOW: Text(zh="窗口", en="Window"),
        GroupBy.HOUR: Text(zh="小时", en="Hour"),
    }
)
_ISSUED = Text(zh="取号", en="Issued")
_CALLS = Text(zh="叫号", en="Calls")
_ENDED = (
    Text(zh="办结", en="Served"),
    Text(zh="其中推定", en="Of these assumed"),
    Text(zh="过号", en="No-show"),
    Text(zh="推定未到", en="Assumed absent"),
)
_OF_TICKETS = (Text(zh="取消", en="Cancelled"), Text(zh="仍在等候", en="Still waiting"))
_WAITS = Text(zh="等候次数", en="Waits (n)")
_WITHIN = Text(zh="限时内", en="Within limit")
_WAIT_MINUTES = (
    Text(zh="等候中位数（分）", en="Wait median (min)"),
    Text(zh="等候P80（分）", en="Wait P80 (min)"),
    Text(zh="等候P90（分）", en="Wait P90 (min)"),
    Text(zh="最长等候（分）", en="Longest wait (min)"),
)
_WALKING = Text(zh="走位中位数（分）", en="Walking median (min)")
_SERVINGS = Text(zh="办理次数", en="Servings (n)")
_SERVING_MINUTES = (
    Text(zh="办理平均（分）", en="Serving mean (min)"),
    Text(zh="办理中位数（分）", en="Serving median (min)"),
    Text(zh="办理P90（分）", en="Serving P90 (min)"),
)
_ALL = Text(zh="全天", en="Whole day")


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresTable:
    """Head, rows, and the line of the whole day if there is one; an empty cell is what was not measured."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    whole: tuple[str, ...] = ()


def groups(figures: DayFigures, by: GroupBy, *, site: SiteIndex) -> list[Figures]:
    """Return a day's figures in groups: in the site's order, removed ones last; hours in order of time."""
    found = {GroupBy.SERVICE: figures.by_service, GroupBy.WINDOW: figures.by_window, GroupBy.HOUR: figures.by_hour}[by]
    known: Mapping[GroupBy, Iterable[str]] = {GroupBy.SERVICE: site.services, GroupBy.WINDOW: site.windows}
    order = {group: place for place, group in enumerate(known.get(by, ()))}
    return sorted(found, key=lambda f: (order.get(f.group, len(order)), f.group))


def figures_table(figures: DayFigures, by: GroupBy, *, site: SiteIndex, language: Language) -> FiguresTable:
    """Return a day's figures as a table. At a window a visit counts per call: it was not issued there."""
    counted = (_CALLS, *_ENDED) if by is GroupBy.WINDOW else (_ISSUED, *_ENDED, *_OF_TICKETS, _WAITS)
    head = (_FIRST[by], *counted, *_WAIT_MINUTES, _WITHIN, _WALKING, _SERVINGS, *_SERVING_MINUTES)
    return FiguresTable(
        head=tuple(t.in_language(language) for t in head),
        rows=tuple(
            _row(f, by, name=name(f.group, by, site=site, language=language)) for f in groups(figures, by, site=site)
        ),
        whole=_row(_whole(figures, by), by, name=_ALL.in_language(language)),
    )


def name(group: str, by: GroupBy, *, site: SiteIndex, language: Language) -> str:
    """Return the name of a group; one that the site no longer has keeps its id."""
    match by:
        case GroupBy.SERVICE if service := site.services.get(ServiceId(group)):
            return service.name.in_language(language)
        case GroupBy.WINDOW if window := site.windows.get(WindowId(group)):
            return f"{window.label} {window.name.in_language(language)}"
        case _:
            return group


def minutes(seconds: float | None) -> float | None:
    """Return seconds as minutes, to a tenth."""
    return None if seconds is None else round(seconds / 60, 1)


def _whole(figures: DayFigures, by: GroupBy) -> Figures:
    """Return the line of the whole day: waits are each visitor's first, but every call at a window is counted."""
    if by is not GroupBy.WINDOW:
        return figures.total
    return replace(figures.total, waits=sum(f.waits for f in figures.by_window))


def _row(figures: Figures, by: GroupBy, *, name: str) -> tuple[str, ...]:
    ended = (figures.served, figures.assumed, figures.no_show, figures.assumed_absent)
    of_tickets = (figures.issued, *ended, figures.cancelled, figures.waiting, figures.waits)
    waits = (figures.wait_median_s, figures.wait_p80_s, figures.wait_p90_s, figures.wait_longest_s)
    servings = (figures.serving_mean_s, figures.serving_median_s, figures.serving_p90_s)
    return (
        name,
        *(str(count) for count in ((figures.waits, *ended) if by is GroupBy.WINDOW else of_tickets)),
        *(_minutes(seconds) for seconds in waits),
        "" if figures.within_limit is None else f"{figures.within_limit:.0%}",
        _minutes(figures.walking_median_s),
        str(figures.servings),
        *(_minutes(seconds) for seconds in servings),
    )


def _minutes(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds / 60:.1f}"
