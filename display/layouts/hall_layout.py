"""The hall board: calls, waiting, and below them the announcement or the notice; lying or upright."""

from __future__ import annotations

from dataclasses import dataclass

from kivy.uix.widget import Widget

from display.kivy_window import english_size
from display.layouts.grid import Align, Block, Grid, GridLine, Group
from display.layouts.hall_places import EDGE, LYING, UPRIGHT, CallPlaces, WaitingPlaces, hall_places
from display.layouts.places import DesignSize, Place
from display.view_models import CALL_ROWS, WAITING_ROWS, CallRow, HallView, ScreenView, WaitingRow
from protocol import theme
from protocol.text.window_names import window_word
from protocol.vocabulary import Text

SMALL, MIDDLE, LARGE, HUGE = theme.BOARD_SIZES
ENGLISH_LARGE = english_size(LARGE, sizes=theme.BOARD_SIZES)
OLDER = 0.8
DIMMED = 0.25
BREATH = 0.8
WINDOW_PX, AREA_PX = 200, 250
"""Least widths at which "号窗口" and an area can be read next to the newest number, px."""
BESIDE_PX, BESIDE_LONG_PX = 368, 688
"""Widths that the newest number leaves to the arrow and its window, the latter for a label that is long, px."""
SECONDARY = 0.8

NO_CALLS = Text(zh="暂无叫号", en="No calls yet")
CLOSED = Text(zh="停止取号", en="No new tickets")
WAITING = Text(zh="等候人数", en="People waiting")
NOBODY = Text(zh="现在无人等候", en="Nobody is waiting")
WATCH = Text(zh="请留意屏幕和广播叫号", en="Please watch this screen and listen for your number")
CONNECTING = Text(zh="正在连接，请稍候", en="Connecting, please wait")
LISTEN_TO_STAFF = Text(zh="请听工作人员叫号", en="Please listen to the staff")


@dataclass(frozen=True, kw_only=True)
class _CallLines:
    """The widgets of one called number."""

    group: Widget
    number: GridLine
    arrow: GridLine
    label: GridLine
    window_zh: GridLine
    window_en: GridLine
    area_zh: GridLine
    area_en: GridLine
    highlight: Block | None = None
    """What lies behind an older call while it is highlighted; None for the newest, which always is."""

    def paint(self, row: CallRow | None, *, highlighted: bool = False) -> None:
        """Show a call, or nothing."""
        if self.highlight is not None:
            self.highlight.opacity = 1 if highlighted else 0
            for line in (
                self.number,
                self.arrow,
                self.label,
                self.window_zh,
                self.window_en,
                self.area_zh,
                self.area_en,
            ):
                line.tint(theme.INK if highlighted else theme.WHITE, opacity=1.0 if highlighted else OLDER)
        self.group.opacity = 0 if row is None else 1
        self.number.show("" if row is None else row.number)
        self.arrow.show("" if row is None else "→")
        self.label.show("" if row is None else row.window_label)
        word = window_word("" if row is None else row.window_label)
        self.window_zh.show("" if row is None else word.zh)
        self.window_en.show("" if row is None else word.en)
        self.area_zh.show("" if row is None else row.area.zh)
        self.area_en.show("" if row is None else row.area.en)


@dataclass(frozen=True, kw_only=True)
class _WaitingLines:
    """The widgets of one service's queue."""

    name_zh: GridLine
    name_en: GridLine
    count: GridLine
    promise_zh: GridLine
    promise_en: GridLine

    def paint(self, row: WaitingRow | None) -> None:
        """Show a queue, or nothing."""
        self.name_zh.show("" if row is None else f"{row.letter} {row.name.zh}")
        self.name_en.show("" if row is None else row.name.en)
        self.count.show("" if row is None else str(row.waiting))
        self.promise_zh.show("" if row is None else row.promise.zh)
        self.promise_en.show("" if row is None else row.promise.en)


class HallLayout(Grid):
    """Paints a HallView."""

    lying, upright = LYING, UPRIGHT

    def __init__(self, design: DesignSize) -> None:
        super().__init__(design)
        self._places = places = hall_places(design)
        self.foot_width = places.foot_width
        self._data = self.group()
        self._head()
        self._highlight = self.block(places.newest.row, colour=theme.CALLED, corner=theme.CORNER, parent=self._data)
        self._newest = self._newest_lines()
        self._older = [self._older_lines(row) for row in places.older]
        self._no_calls = self._two_lines(places.no_calls, size_px=LARGE, parent=self._data)
        self._waiting_head()
        self._waiting = [self._waiting_lines(row) for row in places.waiting]
        self._county = [
            self.line(place, size_px=SMALL, opacity=SECONDARY, parent=self._data) for place in places.county
        ]
        self._nobody = self._two_lines(places.nobody, size_px=MIDDLE, parent=self._data)
        self._foot()
        self._stripe = self._stripe_lines()
        self._connecting = self._connecting_lines()
        self._dimmed = False
        self._calling = False

    def paint(self, view: ScreenView) -> None:
        """Show a view."""
        if not isinstance(view, HallView):
            raise TypeError(f"a hall board cannot show {type(view).__name__}")
        upright = self._places.size.is_upright
        self._name.show(view.name.zh if upright else f"{view.name.zh}  {view.name.en}")
        self._name_en.show(view.name.en if upright else "")
        self._clock.show(view.clock)
        self._date_zh.show(view.date.zh)
        self._date_en.show(view.date.en)
        self._paint_calls(view)
        self._paint_waiting(view)
        self._paint_foot(view)
        self._paint_stripe(view)

    def beat(self) -> None:
        """Let the highlight breathe while a call is announced; every 0.6 s, so slower than 1 Hz."""
        if self._calling:
            self._dimmed = not self._dimmed
            self._highlight.paint(theme.CALLED, opacity=BREATH if self._dimmed else 1.0)

    def _head(self) -> None:
        places = self._places
        self._name = self.line(places.name, size_px=SMALL, bold=True)
        self._name_en = self.line(places.name_en, size_px=SMALL, opacity=SECONDARY)
        self._clock = self.line(places.clock, size_px=LARGE, bold=True)
        self._date_zh = self.line(places.date_zh, size_px=SMALL, align="right")
        self._date_en = self.line(places.date_en, size_px=SMALL, opacity=SECONDARY, align="right")
        self.block(places.rule, colour=theme.LINE, opacity=0.3)

    def _newest_lines(self) -> _CallLines:
        group, places = self.group(parent=self._data), self._places.newest

        def line(place: Place, *, size_px: int, bold: bool = True, whole: bool = False) -> GridLine:
            return self.line(place, size_px=size_px, bold=bold, colour=theme.INK, whole=whole, parent=group)

        return _CallLines(
            group=group,
            number=line(places.number, size_px=HUGE, whole=True),
            arrow=line(places.arrow, size_px=LARGE),
            label=line(places.label, size_px=HUGE, whole=True),
            window_zh=line(places.window_zh, size_px=MIDDLE),
            window_en=line(places.window_en, size_px=SMALL),
            area_zh=line(places.area_zh, size_px=SMALL, bold=False),
            area_en=line(places.area_en, size_px=SMALL, bold=False),
        )

    def _place_newest(self) -> None:
        """Let the newest call flow like a sentence; the area, then "号窗口", give way to a very wide number.

        A label that has no room in full size is set smaller, or on several lines; lying, the number then leaves it room
        too. Nothing is cut.
        """
        lines, gap, edge = self._newest, 2 * theme.SPACE, self._places.newest.row.right - 2 * theme.SPACE
        end = lines.number.flow_from(2 * EDGE, right=self._number_ends(edge))
        end = lines.arrow.flow_from(2 * EDGE if self._places.size.is_upright else end + gap, right=edge) + gap
        end = lines.label.flow_from(end, right=end + self._label_room(edge - end)) + gap
        for line, needed in (
            (lines.window_zh, WINDOW_PX),
            (lines.window_en, WINDOW_PX),
            (lines.area_zh, AREA_PX),
            (lines.area_en, AREA_PX),
        ):
            line.fill(left=end, right=edge)
            line.opacity = 1 if edge - end >= needed else 0

    def _number_ends(self, edge: float) -> float:
        """Return how far to the right the newest number may reach."""
        if self._places.size.is_upright:
            return edge
        beside = 4 * theme.SPACE + self._newest.arrow.full_width + self._newest.label.full_width
        return edge - (BESIDE_PX if 2 * EDGE + self._newest.number.full_width + beside <= edge else BESIDE_LONG_PX)

    def _label_room(self, room: float) -> float:
        """Return the width of the newest label; what does not fit leaves "号窗口" its place unless it gets small."""
        label, beside_word = self._newest.label, room - 2 * theme.SPACE - WINDOW_PX
        return room if label.full_width <= room or label.size_within(beside_word) < MIDDLE else beside_word

    def _older_lines(self, places: CallPlaces) -> _CallLines:
        group = self.group(parent=self._data)
        self.block(places.row.below(places.row.height - 2, height=2), colour=theme.LINE, opacity=0.2, parent=group)
        highlight = self.block(places.row, colour=theme.CALLED, corner=theme.CORNER, parent=group)

        def line(
            place: Place, *, size_px: int, bold: bool = False, align: Align = "left", whole: bool = False
        ) -> GridLine:
            return self.line(place, size_px=size_px, bold=bold, align=align, opacity=OLDER, whole=whole, parent=group)

        return _CallLines(
            group=group,
            number=line(places.number, size_px=LARGE, bold=True, whole=True),
            arrow=line(places.arrow, size_px=MIDDLE),
            # never cut: "1…" could be another window's
            label=line(places.label, size_px=LARGE, bold=True, align="right", whole=True),
            window_zh=line(places.window_zh, size_px=SMALL),
            window_en=line(places.window_en, size_px=SMALL),
            area_zh=line(places.area_zh, size_px=SMALL),
            area_en=line(places.area_en, size_px=SMALL),
            highlight=highlight,
        )

    def _waiting_head(self) -> None:
        self._waiting_title = self.line(self._places.title, size_px=SMALL, bold=True, colour=theme.CALLED, whole=True)
        self._page = self.line(self._places.page, size_px=SMALL, opacity=SECONDARY, align="right")

    def _waiting_lines(self, places: WaitingPlaces) -> _WaitingLines:
        def line(place: Place, *, align: Align = "left", opacity: float = 1.0) -> GridLine:
            return self.line(place, size_px=SMALL, opacity=opacity, align=align, parent=self._data)

        chinese: Align = "right" if self._places.size.is_upright else "left"
        return _WaitingLines(
            name_zh=line(places.name_zh),
            name_en=line(places.name_en, opacity=SECONDARY),
            count=self.line(places.count, size_px=MIDDLE, bold=True, align="right", parent=self._data),
            promise_zh=line(places.promise_zh, align=chinese),
            promise_en=line(places.promise_en, align="right", opacity=SECONDARY),
        )

    def _two_lines(self, place: Place, *, size_px: int, parent: Widget) -> tuple[GridLine, GridLine]:
        """Add a centred Chinese line with English beneath."""
        english = english_size(size_px, sizes=theme.BOARD_SIZES)
        first = place.below(0, height=size_px * 3 // 2)
        second = first.below(first.height, height=english * 3 // 2)
        return (
            self.line(first, size_px=size_px, bold=True, align="center", parent=parent),
            self.line(second, size_px=english, opacity=SECONDARY, align="center", parent=parent),
        )

    def _foot(self) -> None:
        foot = self._places.foot
        self.block(foot, colour=theme.WHITE, opacity=0.08)
        inner = Place(2 * EDGE, foot.top, self.foot_width, 0)
        self._foot_zh = self.line(inner.below(4, height=92), size_px=MIDDLE, bold=True)
        self._foot_en = self.line(inner.below(96, height=60), size_px=SMALL)

    def _stripe_lines(self) -> tuple[Group, GridLine, GridLine]:
        group, stripe = self.group(), self._places.stripe
        self.block(stripe, colour=theme.ALARM, parent=group)

        def line(*, down: int, size_px: int) -> GridLine:
            place = stripe.below(down, height=size_px * 3 // 2)
            return self.line(place, size_px=size_px, bold=True, align="center", parent=group)

        return group, line(down=12, size_px=LARGE), line(down=144, size_px=ENGLISH_LARGE)

    def _connecting_lines(self) -> Group:
        group, size = self.group(), self._places.size
        whole = Place(0, 0, size.width, size.height)
        self.block(whole, colour=theme.BOARD_BACKGROUND, parent=group)
        chinese, english = self._two_lines(whole.below(size.height // 2 - 120), size_px=LARGE, parent=group)
        chinese.show(CONNECTING.zh)
        english.show(CONNECTING.en)
        return group

    def _paint_calls(self, view: HallView) -> None:
        rows: list[CallRow | None] = [*view.rows, *[None] * (CALL_ROWS - len(view.rows))]
        self._newest.paint(rows[0])
        self._place_newest()
        for place, (lines, row) in enumerate(zip(self._older, rows[1:], strict=True), start=2):
            lines.paint(row, highlighted=place <= view.highlighted)
        self._highlight.opacity = 0 if rows[0] is None else 1
        _show(self._no_calls, NO_CALLS if rows[0] is None else None)
        self._calling = view.calling
        if self._dimmed and not view.calling:
            self._dimmed = False
            self._highlight.paint(theme.CALLED)

    def _paint_waiting(self, view: HallView) -> None:
        title = WAITING if view.open else CLOSED
        self._waiting_title.show(f"{title.zh} {title.en}")
        self._page.show(f"{view.page}/{view.pages}" if view.pages > 1 else "")
        mark = self._page.text_width + 2 * theme.SPACE if view.pages > 1 else 0
        self._waiting_title.fill(left=self._places.title.left, right=self._places.page.right - mark)
        rows: list[WaitingRow | None] = [*view.waiting, *[None] * (WAITING_ROWS - len(view.waiting))]
        for lines, row in zip(self._waiting, rows, strict=True):
            lines.paint(row)
        _show(self._nobody, None if view.waiting else NOBODY)
        words = _county_words(view.county_away_since)
        if self._places.size.is_upright:
            words = [words[0] + words[1], " ".join(words[2:]).strip()]
        for line, part in zip(self._county, words, strict=True):
            line.show(part)

    def _paint_foot(self, view: HallView) -> None:
        notice = view.notice if view.notice.zh or view.notice.en else WATCH
        shown = LISTEN_TO_STAFF if view.stale_since is not None else view.caption or notice
        self._foot_zh.show(shown.zh)
        self._foot_en.show(shown.en)

    def _paint_stripe(self, view: HallView) -> None:
        group, chinese, english = self._stripe
        stale = view.stale_since is not None
        group.set_visible(visible=stale and not view.connecting)
        self._data.opacity = DIMMED if stale else 1
        chinese.show(f"数据停留在 {view.stale_since}" if stale else "")
        english.show(f"Data is old since {view.stale_since}" if stale else "")
        self._connecting.set_visible(visible=view.connecting)


def _county_words(since: str | None) -> list[str]:
    """Return since when the county is away, and that this hall works as usual: it concerns no visitor here."""
    if since is None:
        return [""] * 4
    return [
        f"县平台自 {since} 起暂时断开，",
        "本厅照常办理",
        f"County link down since {since};",
        "this hall works as usual",
    ]


def _show(lines: tuple[GridLine, GridLine], text: Text | None) -> None:
    """Show a text in both languages, or nothing."""
    lines[0].show("" if text is None else text.zh)
    lines[1].show("" if text is None else text.en)
