"""The layout that fits the window's shape: made anew when a screen is turned, or when its real size becomes known."""

from __future__ import annotations

from kivy.uix.widget import Widget

from display.layouts.hall_layout import HallLayout
from display.layouts.places import DesignSize, design_size
from display.layouts.sign_layout import SignLayout
from display.view_models import ScreenView


class TurningLayout(Widget):
    """Shows one kind of layout, as large as the window and in its shape; ``window`` is the first size, px."""

    def __init__(self, kind: type[HallLayout | SignLayout], *, window: tuple[int, int]) -> None:
        super().__init__(size=window)
        self._kind = kind
        self._view: ScreenView | None = None
        self._design = self._wanted()
        self._layout = kind(self._design)
        self._show()
        self.bind(size=self._turn, pos=self._turn)

    @property
    def foot_width(self) -> int:
        """Room of a notice, px of the design."""
        return self._layout.foot_width

    def paint(self, view: ScreenView) -> None:
        """Show a view."""
        self._view = view
        self._layout.paint(view)

    def beat(self) -> None:
        """Let the highlight breathe."""
        self._layout.beat()

    def words(self) -> list[str]:
        """Return every text that is visible now."""
        return self._layout.words()

    def _turn(self, *_: object) -> None:
        if self._wanted() != self._design:
            self.clear_widgets()
            self._design = self._wanted()
            self._layout = self._kind(self._design)
            self._show()
            if self._view is not None:
                self._layout.paint(self._view)
        self._layout.pos, self._layout.size = self.pos, self.size

    def _show(self) -> None:
        self._layout.pos, self._layout.size = self.pos, self.size
        self.add_widget(self._layout)

    def _wanted(self) -> DesignSize:
        return design_size(tuple(self.size), lying=self._kind.lying, upright=self._kind.upright)
