"""Where the parts of the hall board stand. Pure.

Lying, 1920x1080: calls on the left two thirds, waiting on the right. Upright, 1080x1920: calls above, waiting below.
A window of another shape has its room spread between the rows and into the columns.
"""

from __future__ import annotations

from dataclasses import dataclass

from display.layouts.places import DesignSize, Place
from display.view_models import CALL_ROWS, WAITING_ROWS
from protocol import theme

LYING, UPRIGHT = (1920, 1080), (1080, 1920)
EDGE = 3 * theme.SPACE
FOOT = 168


@dataclass(frozen=True, kw_only=True)
class CallPlaces:
    """One called number, from left to right."""

    row: Place
    number: Place
    arrow: Place
    label: Place
    window_zh: Place
    window_en: Place
    area_zh: Place
    area_en: Place


@dataclass(frozen=True, kw_only=True)
class WaitingPlaces:
    """One service's queue."""

    name_zh: Place
    name_en: Place
    count: Place
    promise_zh: Place
    promise_en: Place


@dataclass(frozen=True, kw_only=True)
class HallPlaces:
    """The whole board; upright the newest call's window stands below its number, and the name has a second line."""

    size: DesignSize
    name: Place
    name_en: Place
    clock: Place
    date_zh: Place
    date_en: Place
    rule: Place
    newest: CallPlaces
    older: tuple[CallPlaces, ...]
    no_calls: Place
    title: Place
    page: Place
    waiting: tuple[WaitingPlaces, ...]
    county: tuple[Place, ...]
    """Lines that say since when the county is away: lying two for each language, upright one."""
    nobody: Place

    @property
    def foot(self) -> Place:
        """Announcement or notice, at the lower edge."""
        return Place(0, self.size.height - FOOT, self.size.width, FOOT)

    @property
    def stripe(self) -> Place:
        """Warning of old data, across the middle."""
        return Place(0, self.size.height // 2 - 164, self.size.width, 264)

    @property
    def foot_width(self) -> int:
        """Room of the foot's text, px."""
        return self.size.width - 4 * EDGE


def hall_places(size: DesignSize) -> HallPlaces:
    """Return the places for a drawing area."""
    return _upright(size) if size.is_upright else _lying(size)


def _lying(size: DesignSize) -> HallPlaces:
    more_w, more_h = size.width - LYING[0], size.height - LYING[1]
    right = 1296 + more_w * 2 // 3
    calls, queues = right - 56, size.width - right - 16
    middle = 400 + more_h // 2
    older_step, waiting_step = 112 + more_h // CALL_ROWS, 176 + more_h // WAITING_ROWS
    older_top = 344 + more_h // CALL_ROWS
    last = 200 + waiting_step * (WAITING_ROWS - 1)
    return HallPlaces(
        size=size,
        name=Place(2 * EDGE, 8, right - 80, 64),
        name_en=Place(2 * EDGE, 8, 0, 64),
        clock=Place(right, 8, 280, 112),
        date_zh=Place(right + 280, 12, queues - 288, 52),
        date_en=Place(right + 280, 64, queues - 288, 52),
        rule=Place(right - 16, 80, 2, size.height - FOOT - 88),
        newest=_newest(Place(EDGE, 80, calls, 256), number_top=64, window_middle=209),
        older=tuple(
            _older(
                Place(EDGE, older_top + older_step * row, calls, 112),
                number=420,
                arrow=(476, 90),
                label=552,
                window=728,
                area=896,
            )
            for row in range(CALL_ROWS - 1)
        ),
        no_calls=Place(EDGE, middle, calls, 0),
        title=Place(right, 136, queues, 56),
        page=Place(size.width - 224, 136, 200, 56),
        waiting=tuple(_queue(Place(right, 200 + waiting_step * row, queues, 162)) for row in range(WAITING_ROWS)),
        county=tuple(Place(right, last - 6 + 44 * line, queues, 52) for line in range(4)),
        nobody=Place(right, middle, queues, 0),
    )


def _upright(size: DesignSize) -> HallPlaces:
    wide, more = size.width, (size.height - UPRIGHT[1]) // (CALL_ROWS + WAITING_ROWS)
    inner, top = wide - 2 * EDGE, 232
    older_step, waiting_step = 102 + more, 120 + more
    older_top = top + 456 + more
    title = older_top + older_step * (CALL_ROWS - 1) + 8
    queues = title + 60
    return HallPlaces(
        size=size,
        name=Place(2 * EDGE, 8, wide - 3 * EDGE, 64),
        name_en=Place(2 * EDGE, 60, wide - 3 * EDGE, 52),
        clock=Place(2 * EDGE, 112, 280, 112),
        date_zh=Place(wide - EDGE - 400, 116, 400, 52),
        date_en=Place(wide - EDGE - 400, 168, 400, 52),
        rule=Place(EDGE, title - 4, inner, 2),
        newest=_newest(Place(EDGE, top, inner, 448), number_top=top - 29, window_middle=top + 338),
        older=tuple(
            _older(
                Place(EDGE, older_top + older_step * row, inner, 102),
                number=336,
                arrow=(388, 64),
                label=456,
                window=600,
                area=760,
            )
            for row in range(CALL_ROWS - 1)
        ),
        no_calls=Place(EDGE, (top + title) // 2 - 100, inner, 0),
        title=Place(EDGE, title, inner, 56),
        page=Place(wide - 224, title, 200, 56),
        waiting=tuple(_wide_queue(Place(EDGE, queues + waiting_step * row, inner, 110)) for row in range(WAITING_ROWS)),
        county=tuple(Place(EDGE, queues + waiting_step * (WAITING_ROWS - 1) + down, inner, 58) for down in (0, 52)),
        nobody=Place(EDGE, title + 160, inner, 0),
    )


def _newest(row: Place, *, number_top: int, window_middle: int) -> CallPlaces:
    """Return the places of the newest call, whose parts flow: only their heights count."""

    def line(left: int, above: int, width: int, height: int) -> Place:
        return Place(left, window_middle + above, width, height)

    return CallPlaces(
        row=row,
        number=Place(48, number_top, 600, 290),
        arrow=line(648, -129, 96, 256),
        label=line(768, -112, 250, 224),
        window_zh=line(1024, -129, 232, 94),
        window_en=line(1024, -53, 232, 58),
        area_zh=line(1024, 3, 232, 58),
        area_en=line(1024, 55, 232, 58),
    )


def _older(row: Place, *, number: int, arrow: tuple[int, int], label: int, window: int, area: int) -> CallPlaces:
    """Return an older call: the width of its number, then where its parts begin, from left to right."""
    above = (row.height - 112) // 2
    zh, en = row.top + above, row.top + above + (50 if above == 0 else 48)
    return CallPlaces(
        row=row,
        number=Place(48, row.top + above - 14, number, 140),
        arrow=Place(arrow[0], zh, arrow[1], 112),
        label=Place(label, row.top, window - label - 8, row.height),
        window_zh=Place(window, zh, 160, 58),
        window_en=Place(window, en, 160, 58),
        area_zh=Place(area, zh, row.right - area, 58),
        area_en=Place(area, en, row.right - area, 58),
    )


def _queue(row: Place) -> WaitingPlaces:
    """Return a queue in three lines: names, then the promise in both languages side by side."""
    count = Place(row.right - 128, row.top - 18, 120, 94)
    return WaitingPlaces(
        name_zh=Place(row.left, row.top, row.width - 138, 58),
        name_en=Place(row.left, row.top + 52, row.width, 58),
        count=count,
        promise_zh=Place(row.left, row.top + 104, row.width // 2 - 4, 58),
        promise_en=Place(row.left + row.width // 2 - 4, row.top + 104, row.width // 2 - 4, 58),
    )


def _wide_queue(row: Place) -> WaitingPlaces:
    """Return a queue in two lines: name, promise, count."""
    promise = Place(row.right - 406, row.top, 270, 58)
    name = Place(row.left, row.top, row.width - 422, 58)
    return WaitingPlaces(
        name_zh=name,
        name_en=name.below(52),
        count=Place(row.right - 120, row.top + 8, 120, 94),
        promise_zh=promise,
        promise_en=promise.below(52),
    )
