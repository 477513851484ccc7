"""A kiosk's page as plain JSON values, for whoever looks at it from outside."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

from kiosk.events import Touch
from kiosk.screens.scene import Scene, Target
from kiosk.state import Flow, takes_touch


def snapshot(flow: Flow, scene: Scene, *, warning: int | None, scale: float, at: float) -> dict[str, Any]:
    """Return what is on the screen; ``warning`` is the countdown painted there, places are in px of the screen."""
    issued = flow.issued
    return {
        "page": scene.page.value,
        "language": flow.language.value,
        "large": flow.large,
        "warning": warning,
        "takes_touch": takes_touch(flow, at=at),
        "ticket": issued.ticket_id if issued else None,
        "number": issued.number if issued else None,
        "typed": flow.typed,
        "arrived": flow.arrived.ticket.number if flow.arrived else None,
        "paper": issued.paper.value if issued else None,
        "texts": list(scene.texts),
        "targets": [_target(target, scale) for target in scene.targets],
    }


def name_of(touch: Touch) -> str:
    """Return a touch's name, such as ``start`` or ``choose-service:id-card``."""
    words = re.findall("[A-Z][a-z]*", type(touch).__name__)
    values = [str(getattr(touch, field.name)) for field in fields(touch)]
    return ":".join(["-".join(words).lower(), *values])


def _target(target: Target, scale: float) -> dict[str, Any]:
    rect = target.rect
    return {
        "touch": name_of(target.touch),
        "words": target.words,
        "x": rect.x * scale,
        "y": rect.y * scale,
        "w": rect.w * scale,
        "h": rect.h * scale,
    }
