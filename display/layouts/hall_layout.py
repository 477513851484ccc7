"""The hall board, 1920x1080: calls on the left two thirds, waiting on the right, announcement or notice below."""

from __future__ import annotations

from dataclasses import dataclass

from kivy.uix.widget import Widget

from display.kivy_window import english_size
from display.layouts.grid import Align, Block, Grid, GridLine, Group
from display.view_models import CALL_ROWS, WAITING_ROWS, WINDOW, CallRow, HallView, ScreenView, WaitingRow
from protocol import theme
from protocol.vocabulary import Text

WIDTH, HEIGHT = 1920, 1080
SMALL, MIDDLE, LARGE, HUGE = theme.BOARD_SIZES
ENGLISH_LARGE = english_size(LARGE, sizes=theme.BOARD_SIZES)
EDGE = 3 * theme.SPACE
RIGHT = 1296
OLDER = 0.8
DIMMED = 0.25
BREATH = 0.8
WINDOW_PX, AREA_PX = 200, 250
"""Least widths at which "号窗口" and an area can be read next to the newest number, px."""
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
        self.window_zh.show("" if row is None else WINDOW.zh)
        self.window_en.show("" if row is None else WINDOW.en)
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

    def __init__(self) -> None:
        super().__init__(width=WIDTH, height=HEIGHT)
        self._data = self.group()
        self._head()
        self._highlight = self.block(
            left=EDGE, top=80, width=1240, height=256, colour=theme.CALLED, corner=theme.CORNER, parent=self._data
        )
        self._newest = self._newest_lines()
        self._older = [self._older_lines(top=344 + 112 * index) for index in range(CALL_ROWS - 1)]
        self._no_calls = self._two_lines(left=EDGE, top=400, width=1240, size_px=LARGE, parent=self._data)
        self._waiting_head()
        self._waiting = [self._waiting_lines(top=200 + 176 * index) for index in range(WAITING_ROWS)]
        self._county = [self._county_line(top=722 + 44 * index) for index in range(4)]
        self._nobody = self._two_lines(left=RIGHT, top=400, width=600, size_px=MIDDLE, parent=self._data)
        self._foot()
        self._stripe = self._stripe_lines()
        self._connecting = self._connecting_lines()
        self._dimmed = False
        self._calling = False

    def paint(self, view: ScreenView) -> None:
        """Show a view."""
        if not isinstance(view, HallView):
            raise TypeError(f"a hall board cannot show {type(view).__name__}")
        self._name.show(f"{view.name.zh}  {view.name.en}")
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
        self._name = self.line(left=2 * EDGE, top=8, width=1216, height=64, size_px=SMALL, bold=True)
        self._clock = self.line(left=RIGHT, top=8, width=280, height=112, size_px=LARGE, bold=True)
        self._date_zh = self.line(left=1576, top=12, width=320, height=52, size_px=SMALL, align="right")
        self._date_en = self.line(
            left=1576, top=64, width=320, height=52, size_px=SMALL, opacity=SECONDARY, align="right"
        )
        self.block(left=RIGHT - 16, top=80, width=2, height=824, colour=theme.LINE, opacity=0.3)

    def _newest_lines(self) -> _CallLines:
        group = self.group(parent=self._data)

        def line(*, left: int, top: int, width: int, height: int, size_px: int, bold: bool = True) -> GridLine:
            return self.line(
                left=left,
                top=top,
                width=width,
                height=height,
                size_px=size_px,
                bold=bold,
                colour=theme.INK,
                parent=group,
            )

        return _CallLines(
            group=group,
            number=line(left=48, top=64, width=600, height=290, size_px=HUGE),
            arrow=line(left=648, top=80, width=96, height=256, size_px=LARGE),
            label=line(left=768, top=64, width=250, height=290, size_px=HUGE),
            window_zh=line(left=1024, top=80, width=232, height=94, size_px=MIDDLE),
            window_en=line(left=1024, top=156, width=232, height=58, size_px=SMALL),
            area_zh=line(left=1024, top=212, width=232, height=58, size_px=SMALL, bold=False),
            area_en=line(left=1024, top=264, width=232, height=58, size_px=SMALL, bold=False),
        )

    def _place_newest(self) -> None:
        """Let the newest call flow like a sentence; the area, then "号窗口", give way to a very wide number."""
        lines, gap = self._newest, 2 * theme.SPACE
        end = lines.number.flow_from(2 * EDGE)
        end = lines.arrow.flow_from(end + gap)
        end = lines.label.flow_from(end + gap) + gap
        rest = RIGHT - 5 * theme.SPACE - end
        for line, needed in (
            (lines.window_zh, WINDOW_PX),
            (lines.window_en, WINDOW_PX),
            (lines.area_zh, AREA_PX),
            (lines.area_en, AREA_PX),
        ):
            line.fill(left=end, right=end + rest)
            line.opacity = 1 if rest >= needed else 0

    def _older_lines(self, *, top: int) -> _CallLines:
        group = self.group(parent=self._data)
        self.block(left=EDGE, top=top + 110, width=1240, height=2, colour=theme.LINE, opacity=0.2, parent=group)
        highlight = self.block(
            left=EDGE, top=top, width=1240, height=112, colour=theme.CALLED, corner=theme.CORNER, parent=group
        )

        def line(
            *, left: int, dy: int, width: int, height: int, size_px: int, bold: bool = False, align: Align = "left"
        ) -> GridLine:
            return self.line(
                align=align,
                left=left,
                top=top + dy,
                width=width,
                height=height,
                size_px=size_px,
                bold=bold,
                opacity=OLDER,
                parent=group,
            )

        return _CallLines(
            group=group,
            number=line(left=48, dy=-14, width=420, height=140, size_px=LARGE, bold=True),
            arrow=line(left=476, dy=0, width=90, height=112, size_px=MIDDLE),
            label=line(left=552, dy=-14, width=160, height=140, size_px=LARGE, bold=True, align="right"),
            window_zh=line(left=728, dy=0, width=160, height=58, size_px=SMALL),
            window_en=line(left=728, dy=50, width=160, height=58, size_px=SMALL),
            area_zh=line(left=896, dy=0, width=368, height=58, size_px=SMALL),
            area_en=line(left=896, dy=50, width=368, height=58, size_px=SMALL),
            highlight=highlight,
        )

    def _waiting_head(self) -> None:
        self._waiting_title = self.line(
            left=RIGHT, top=136, width=500, height=56, size_px=SMALL, bold=True, colour=theme.CALLED
        )
        self._page = self.line(
            left=1796, top=136, width=100, height=56, size_px=SMALL, opacity=SECONDARY, align="right"
        )

    def _waiting_lines(self, *, top: int) -> _WaitingLines:
        def line(*, left: int, dy: int, width: int, align: Align = "left", opacity: float = 1.0) -> GridLine:
            return self.line(
                left=left,
                top=top + dy,
                width=width,
                height=58,
                size_px=SMALL,
                opacity=opacity,
                align=align,
                parent=self._data,
            )

        return _WaitingLines(
            name_zh=line(left=RIGHT, dy=0, width=470),
            name_en=line(left=RIGHT, dy=52, width=608, opacity=SECONDARY),
            count=self.line(
                left=1776,
                top=top - 18,
                width=120,
                height=94,
                size_px=MIDDLE,
                bold=True,
                align="right",
                parent=self._data,
            ),
            promise_zh=line(left=RIGHT, dy=104, width=300),
            promise_en=line(left=1596, dy=104, width=300, align="right", opacity=SECONDARY),
        )

    def _county_line(self, *, top: int) -> GridLine:
        return self.line(left=RIGHT, top=top, width=608, height=52, size_px=SMALL, opacity=SECONDARY, parent=self._data)

    def _two_lines(self, *, left: int, top: int, width: int, size_px: int, parent: Widget) -> tuple[GridLine, GridLine]:
        """Add a centred Chinese line with English beneath."""
        english = english_size(size_px, sizes=theme.BOARD_SIZES)
        high = size_px * 3 // 2
        return (
            self.line(
                left=left, top=top, width=width, height=high, size_px=size_px, bold=True, align="center", parent=parent
            ),
            self.line(
                left=left,
                top=top + high,
                width=width,
                height=english * 3 // 2,
                size_px=english,
                opacity=SECONDARY,
                align="center",
                parent=parent,
            ),
        )

    def _foot(self) -> None:
        self.block(left=0, top=912, width=WIDTH, height=168, colour=theme.WHITE, opacity=0.08)
        self._foot_zh = self.line(left=2 * EDGE, top=916, width=WIDTH - 4 * EDGE, height=92, size_px=MIDDLE, bold=True)
        self._foot_en = self.line(left=2 * EDGE, top=1008, width=WIDTH - 4 * EDGE, height=60, size_px=SMALL)

    def _stripe_lines(self) -> tuple[Group, GridLine, GridLine]:
        group = self.group()
        self.block(left=0, top=376, width=WIDTH, height=264, colour=theme.ALARM, parent=group)

        def line(*, top: int, size_px: int) -> GridLine:
            return self.line(
                left=0,
                top=top,
                width=WIDTH,
                height=size_px * 3 // 2,
                size_px=size_px,
                bold=True,
                align="center",
                parent=group,
            )

        return group, line(top=388, size_px=LARGE), line(top=520, size_px=ENGLISH_LARGE)

    def _connecting_lines(self) -> Group:
        group = self.group()
        self.block(left=0, top=0, width=WIDTH, height=HEIGHT, colour=theme.BOARD_BACKGROUND, parent=group)
        chinese, english = self._two_lines(left=0, top=420, width=WIDTH, size_px=LARGE, parent=group)
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
        rows: list[WaitingRow | None] = [*view.waiting, *[None] * (WAITING_ROWS - len(view.waiting))]
        for lines, row in zip(self._waiting, rows, strict=True):
            lines.paint(row)
        _show(self._nobody, None if view.waiting else NOBODY)
        for line, words in zip(self._county, _county_words(view.county_away_since), strict=True):
            line.show(words)

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


def _county_words(since: str | None) -> tuple[str, str, str, str]:
    """Return since when the county is away, and that this hall works as usual: it concerns no visitor here."""
    if since is None:
        return "", "", "", ""
    return (
        f"县平台自 {since} 起暂时断开，",
        "本厅照常办理",
        f"County link down since {since};",
        "this hall works as usual",
    )


def _show(lines: tuple[GridLine, GridLine], text: Text | None) -> None:
    """Show a text in both languages, or nothing."""
    lines[0].show("" if text is None else text.zh)
    lines[1].show("" if text is None else text.en)
