"""A clerk's panel with its keys and lamp: on this Pi's pins, or the twin."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, nullcontext
from typing import TYPE_CHECKING, NamedTuple

from hardware.panel.buttons import Button, Edge, GpioButton, PanelKey, PanelTwin
from hardware.panel.gpio import pi_pins, twin_pins
from hardware.panel.lamp import GpioLamp, Lamp, LampTwin
from hardware.panel.twin_control import serve_twin
from hardware.panel.window_settings import WindowSettings

if TYPE_CHECKING:
    from gpiozero.pins import Factory

OnEdge = Callable[[Edge], None]
"""Takes an edge on the one thread that serves all pins: it only enqueues and never raises."""


class Panel(NamedTuple):
    """The keys and the lamp of one window."""

    buttons: Mapping[PanelKey, Button]
    lamp: Lamp


@contextmanager
def pi_panel(settings: WindowSettings, *, on_edge: OnEdge) -> Iterator[Panel]:
    """Use the panel on this Raspberry Pi's pins until the block ends. Raises NoPins."""
    with pi_pins() as factory, ExitStack() as parts:
        lamp = GpioLamp(**settings.lamp.model_dump(), factory=factory)
        parts.callback(lamp.close)
        yield Panel(_open_buttons(settings, factory=factory, on_edge=on_edge, parts=parts), lamp)


@contextmanager
def twin_panel(settings: WindowSettings, *, on_edge: OnEdge) -> Iterator[Panel]:
    """Use a simulated panel until the block ends, controlled over ``settings.twin_control``. Raises SocketFault."""
    with closing(twin_pins()) as factory, ExitStack() as parts:
        lamp = LampTwin(**settings.lamp.model_dump(), factory=factory)
        parts.callback(lamp.close)
        buttons = _open_buttons(settings, factory=factory, on_edge=on_edge, parts=parts)
        finger = PanelTwin(settings.keys.by_key(), factory=factory)
        path = settings.twin_control
        with nullcontext() if path is None else serve_twin(path, panel=finger, lamp=lamp):
            yield Panel(buttons, lamp)


def _open_buttons(
    settings: WindowSettings, *, factory: Factory, on_edge: OnEdge, parts: ExitStack
) -> dict[PanelKey, GpioButton]:
    buttons = {
        key: GpioButton(key, pin=pin, factory=factory, on_edge=on_edge) for key, pin in settings.keys.by_key().items()
    }
    for button in buttons.values():
        parts.callback(button.close)
    return buttons
