"""The sign above a window, lying or upright: which window, whom it calls, and what it is doing."""

from __future__ import annotations

from display.kivy_window import english_size
from display.layouts.grid import Align, Grid, GridLine
from display.layouts.places import DesignSize, Place
from display.view_models import ScreenView, SignState, SignView
from protocol import theme
from protocol.text.window_names import window_word

SMALL, MIDDLE, LARGE, HUGE = theme.BOARD_SIZES
EDGE = 3 * theme.SPACE

BACKGROUNDS: dict[SignState, str] = {
    "called": theme.CALLED,
    "serving": theme.ACCENT,
    "free": theme.BOARD_BACKGROUND,
    "paused": theme.WARN,
    "closed": theme.QUIET,
}


class SignLayout(Grid):
    """Paints a SignView: the head names the window, the body its state in colour and words."""

    lying, upright = (1024, 600), (800, 1366)

    def __init__(self, design: DesignSize) -> None:
        super().__init__(design)
        self._design = design
        wide, head = design.width, 264 if design.is_upright else 144
        names = Place(EDGE, head - 128, wide - 2 * EDGE, 58)
        align: Align = "left" if design.is_upright else "right"
        english = SMALL if design.is_upright else english_size(LARGE, sizes=theme.BOARD_SIZES)
        self._label = self.line(Place(EDGE, 8, 240, 128), size_px=LARGE, bold=True, whole=True)
        self._window_zh = self.line(Place(264, 16, 160, 58), size_px=SMALL, bold=True)
        self._window_en = self.line(Place(264, 72, 160, 58), size_px=SMALL, opacity=0.8)
        self._name_zh = self.line(names, size_px=SMALL, bold=True, align=align, whole=True)
        self._name_en = self.line(names.below(56), size_px=SMALL, opacity=0.8, align=align, whole=True)
        body = Place(0, head, wide, design.height - head)
        self._body = self.block(body, colour=theme.BOARD_BACKGROUND)
        middle = head + (body.height - 456) // 2
        self._number = self._centred(top=middle - 14, size_px=HUGE, whole=True)
        self._words_zh = self._centred(top=middle + 222, size_px=LARGE)
        self._words_en = self._centred(top=middle + 346, size_px=english)
        self._alone_zh = self._centred(top=middle + 112, size_px=LARGE)
        self._alone_en = self._centred(top=middle + 252, size_px=english)

    def _centred(self, *, top: int, size_px: int, whole: bool = False) -> GridLine:
        place = Place(0, top, self._design.width, size_px * 3 // 2)
        return self.line(place, size_px=size_px, bold=True, align="center", whole=whole)

    def paint(self, view: ScreenView) -> None:
        """Show a view."""
        if not isinstance(view, SignView):
            raise TypeError(f"a sign cannot show {type(view).__name__}")
        self._label.show(view.label)
        word = window_word(view.label)
        self._window_zh.show(word.zh if view.label else "")
        self._window_en.show(word.en if view.label else "")
        self._place_head()
        self._name_zh.show(view.name.zh)
        self._name_en.show(view.name.en)
        background, number, chinese, english = _body(view)
        ink = theme.INK if background == theme.CALLED else theme.WHITE
        self._body.paint(background)
        _show(self._words_zh, chinese if number else "", ink=ink)
        _show(self._words_en, english if number else "", ink=ink)
        _show(self._alone_zh, "" if number else chinese, ink=ink)
        _show(self._alone_en, "" if number else english, ink=ink)
        _show(self._number, number, ink=ink)

    def _place_head(self) -> None:
        """Let the head read "3 号窗口" whatever the label's width; lying, the rest is for the window's name."""
        wide = self._design.width
        most = wide - EDGE - 160 if self._design.is_upright else wide // 2
        end = self._label.flow_from(EDGE, right=most) + 2 * theme.SPACE
        for line in (self._window_zh, self._window_en):
            line.fill(left=end, right=end + 160)
        if not self._design.is_upright:
            for line in (self._name_zh, self._name_en):
                line.fill(left=end + 176, right=self._design.width - EDGE)

    def beat(self) -> None:
        """Change nothing: a sign does not blink, its colour is enough at arm's length."""


def _body(view: SignView) -> tuple[str, str, str, str]:
    """Return background, number, Chinese and English words of what the window does."""
    if view.connecting:
        return theme.BOARD_BACKGROUND, "", "正在连接", "Connecting"
    if view.stale_since is not None:
        return theme.ALARM, "", f"数据停留在 {view.stale_since}", f"Data is old since {view.stale_since}"
    return BACKGROUNDS[view.state], view.number or "", view.words.zh, view.words.en


def _show(line: GridLine, text: str, *, ink: str) -> None:
    """Show a text in a colour."""
    line.tint(ink)
    line.show(text)
