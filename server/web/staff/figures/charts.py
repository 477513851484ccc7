"""Charts of a day's figures, as ECharts options; the table under each has the same numbers."""

from __future__ import annotations

from typing import Any

from protocol import theme
from protocol.vocabulary import Language, Text
from server.domain.model.hall import SiteIndex
from server.store.queries.day_figures import DayFigures, Figures
from server.web.staff.figures.figures_table import GroupBy, groups, minutes, name
from server.web.visitor.plain_page import FONTS

_MEDIAN = Text(zh="等候中位数", en="Wait median")
_P90 = Text(zh="等候P90", en="Wait P90")
_ISSUED = Text(zh="取号", en="Issued")
_SERVED = Text(zh="办结", en="Served")
_NO_SHOW = Text(zh="过号", en="No-show")
_SERVING = Text(zh="办理中位数", en="Serving median")
_MINUTES = Text(zh="分钟", en="minutes")
_PEOPLE = Text(zh="人次", en="visits")

ROW_PX = 34
"""Height of a pair of bars in a horizontal chart, px."""


def chart(figures: DayFigures, by: GroupBy, *, site: SiteIndex, language: Language) -> dict[str, Any]:
    """Return one chart: waits by service, work by window, or numbers and waits over the day."""
    rows = _shown(figures, by, site=site)
    names = [name(f.group, by, site=site, language=language) for f in rows]
    median = [minutes(f.wait_median_s) for f in rows]
    p90 = [minutes(f.wait_p90_s) for f in rows]
    if by is GroupBy.SERVICE:
        bars = [_bar(_MEDIAN, median, theme.ACCENT, language), _bar(_P90, p90, theme.CALLED, language)]
        return _horizontal(names, bars, unit=_MINUTES.in_language(language))
    if by is GroupBy.WINDOW:
        bars = [
            _bar(_SERVED, [f.served for f in rows], theme.GOOD, language),
            _bar(_NO_SHOW, [f.no_show for f in rows], theme.WARN, language),
        ]
        return _horizontal(names, bars, unit=_PEOPLE.in_language(language))
    return _day(names, [f.issued for f in rows], median, p90, language)


def height_px(figures: DayFigures, by: GroupBy, *, site: SiteIndex) -> int:
    """Return how high a chart must be for every name to be read."""
    return 340 if by is GroupBy.HOUR else 110 + ROW_PX * len(_shown(figures, by, site=site))


def _shown(figures: DayFigures, by: GroupBy, *, site: SiteIndex) -> list[Figures]:
    """Return what a chart shows: of the services those that somebody was called for, the longest waits on top."""
    rows = groups(figures, by, site=site)
    if by is not GroupBy.SERVICE:
        return rows
    return sorted((f for f in rows if f.wait_p90_s is not None), key=lambda f: f.wait_p90_s or 0.0, reverse=True)


def _day(
    names: list[str], issued: list[int], median: list[float | None], p90: list[float | None], language: Language
) -> dict[str, Any]:
    lines = [
        {**_bar(_MEDIAN, median, theme.ACCENT, language), "type": "line", "yAxisIndex": 1, "symbolSize": 9},
        {**_bar(_P90, p90, theme.ALARM, language), "type": "line", "yAxisIndex": 1, "symbol": "rect", "symbolSize": 9},
    ]
    return {
        **_frame(),
        "xAxis": {"type": "category", "data": names, **_axis()},
        "yAxis": [
            {"type": "value", "name": _PEOPLE.in_language(language), "minInterval": 1, **_axis()},
            {"type": "value", "name": _MINUTES.in_language(language), "splitLine": {"show": False}, **_axis()},
        ],
        "series": [_bar(_ISSUED, issued, theme.LINE, language), *lines],
    }


def _horizontal(names: list[str], bars: list[dict[str, Any]], *, unit: str) -> dict[str, Any]:
    return {
        **_frame(),
        "xAxis": {"type": "value", "name": unit, "nameLocation": "middle", "nameGap": 30, "minInterval": 1, **_axis()},
        "yAxis": {"type": "category", "data": names, "inverse": True, **_axis()},
        "series": bars,
    }


def _bar(label: Text, values: list[Any], colour: str, language: Language) -> dict[str, Any]:
    return {
        "name": label.in_language(language),
        "type": "bar",
        "data": values,
        "itemStyle": {"color": colour},
        "barMaxWidth": 22,
    }


def _axis() -> dict[str, Any]:
    return {
        "axisLabel": {"color": theme.INK, "fontSize": 14, "interval": 0},
        "nameTextStyle": {"color": theme.QUIET, "fontSize": 14},
    }


def _frame() -> dict[str, Any]:
    return {
        "animation": False,
        "textStyle": {"fontFamily": FONTS},
        "legend": {"top": 0, "textStyle": {"color": theme.INK, "fontSize": 14}},
        "tooltip": {"trigger": "axis"},
        "grid": {"left": 8, "right": 24, "top": 44, "bottom": 24, "containLabel": True},
    }
