"""The sign above a window, 1024x600: which window, whom it calls, and what it is doing."""

from __future__ import annotations

from display.kivy_window import english_size
from display.layouts.grid import Grid, GridLine
from display.view_models import WINDOW, ScreenView, SignState, SignView
from protocol import theme

WIDTH, HEIGHT = 1024, 600
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

    def __init__(self) -> None:
        super().__init__(width=WIDTH, height=HEIGHT)
        self._label = self.line(left=EDGE, top=0, width=240, height=140, size_px=LARGE, bold=True)
        self._window_zh = self.line(left=264, top=16, width=160, height=58, size_px=SMALL, bold=True)
        self._window_en = self.line(left=264, top=72, width=160, height=58, size_px=SMALL, opacity=0.8)
        self._name_zh = self.line(left=440, top=16, width=560, height=58, size_px=SMALL, bold=True, align="right")
        self._name_en = self.line(left=440, top=72, width=560, height=58, size_px=SMALL, opacity=0.8, align="right")
        self._body = self.block(left=0, top=144, width=WIDTH, height=456, colour=theme.BOARD_BACKGROUND)
        self._number = self._centred(top=130, size_px=HUGE)
        self._words_zh = self._centred(top=366, size_px=LARGE)
        self._words_en = self._centred(top=490, size_px=english_size(LARGE, sizes=theme.BOARD_SIZES))
        self._alone_zh = self._centred(top=256, size_px=LARGE)
        self._alone_en = self._centred(top=396, size_px=english_size(LARGE, sizes=theme.BOARD_SIZES))

    def _centred(self, *, top: int, size_px: int) -> GridLine:
        return self.line(
            left=0, top=top, width=WIDTH, height=size_px * 3 // 2, size_px=size_px, bold=True, align="center"
        )

    def paint(self, view: ScreenView) -> None:
        """Show a view."""
        if not isinstance(view, SignView):
            raise TypeError(f"a sign cannot show {type(view).__name__}")
        self._label.show(view.label)
        self._window_zh.show(WINDOW.zh if view.label else "")
        self._window_en.show(WINDOW.en if view.label else "")
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
        """Let the head read "3 号窗口" whatever the label's width, and leave the rest to the window's name."""
        end = self._label.flow_from(EDGE) + 2 * theme.SPACE
        for line in (self._window_zh, self._window_en):
            line.fill(left=end, right=end + 160)
        for line in (self._name_zh, self._name_en):
            line.fill(left=end + 176, right=WIDTH - EDGE)

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
