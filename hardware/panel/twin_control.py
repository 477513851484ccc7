"""Controls the simulated panel of a running window agent: a unix socket that takes lines and answers with JSON.

================ ================================================================================================
line             answer, one line of JSON
================ ================================================================================================
``press call``   ``{"done": "press call"}`` once the key is released; keys: call start_finish no_show pause
``hold call``    the same, after a press of more than 1.5 s
``bounce call``  the same, with a worn contact that chatters
``down call``    the same: the key goes down and stays (stuck) until ``up call``
``lamp?``        ``{"state": "called", "red": false, "green": false, "blue": true}``: what is lit now
``shown?``       ``{"shown": [{"state": "fault", "red": true, "green": false, "blue": false, "at": 12.3}, …]}``:
                 the last 200 changes, oldest first, ``at`` in seconds of the machine's monotonic clock
anything else    ``{"error": "…"}``
================ ================================================================================================

Try it: ``socat - UNIX-CONNECT:window-3.sock``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hardware.panel.buttons import PanelKey, PanelTwin
from hardware.panel.lamp import LampTwin, Light
from runtime.line_socket import serve_lines


@contextmanager
def serve_twin(path: Path, *, panel: PanelTwin, lamp: LampTwin) -> Iterator[None]:
    """Take lines on the unix socket ``path`` until the block ends. Raises SocketFault."""

    def answer(line: bytes) -> dict[str, Any]:
        return carry_out(line.decode("utf-8", "replace").strip(), panel=panel, lamp=lamp)

    with serve_lines(path, answer):
        yield


def carry_out(line: str, *, panel: PanelTwin, lamp: LampTwin) -> dict[str, Any]:
    """Carry out one line on the simulated panel and return the answer."""
    match line.split():
        case ["lamp?"]:
            return _light(lamp.shown[-1].light)
        case ["shown?"]:
            return {"shown": [{**_light(light), "at": at} for at, light in lamp.shown]}
        case [verb, key] if verb in _verbs(panel) and key in panel.keys:
            _verbs(panel)[verb](PanelKey(key))
            return {"done": line}
    keys, verbs = " ".join(sorted(panel.keys)), " ".join(_verbs(panel))
    return {"error": f"听不懂 / not understood: {line!r}; say lamp?, shown?, or one of {verbs} with one of {keys}"}


def _verbs(panel: PanelTwin) -> dict[str, Callable[[PanelKey], None]]:
    return {
        "press": panel.press,
        "hold": panel.hold,
        "bounce": panel.bounce,
        "down": panel.press_down,
        "up": panel.release,
    }


def _light(light: Light) -> dict[str, Any]:
    return {"state": light.state.value, **light.colour._asdict()}
