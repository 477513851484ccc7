"""Records what a screen painted, for tests, the demo and technicians.

In the folder of ``[pictures]``:

* ``painted.jsonl``: one line for each changed view, written after its frame was shown.
* ``NNNN-{reason}.png`` and ``.json``: the window's pixels and the line that belongs to them; the ``.json`` comes
  last. ``reason`` is ``call`` (``each_announcement``) or ``asked`` (SIGUSR1).

Of the record the newest 32 to 64 MB are kept, the older half as ``painted.old.jsonl``.

A line has ``painted_at`` (UTC), ``monotonic_s`` (this machine's monotonic clock, the same in all its processes),
``view`` (``display.view_models``) and ``words``, every text that stood on the screen.
"""

from __future__ import annotations

import json
import logging
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from display.kivy_window import save_picture
from display.view_models import ScreenView

log = logging.getLogger(__name__)

RECORD_BYTES = 32_000_000


class Screenshots:
    """The record of one run; it starts empty. A full disk is logged and never stops the screen."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._record = folder / "painted.jsonl"
        self._record.write_text("", encoding="utf-8")
        self._count = 0
        self._line: dict[str, Any] = {}

    def painted(self, view: ScreenView, words: list[str]) -> None:
        """Record a view whose frame has just been shown."""
        self._line = {
            "painted_at": datetime.now(UTC).isoformat(),
            "monotonic_s": time.monotonic(),
            "view": view.model_dump(mode="json"),
            "words": words,
        }
        try:
            with self._record.open("a", encoding="utf-8") as file:
                file.write(json.dumps(self._line, ensure_ascii=False) + "\n")
                full = file.tell() > RECORD_BYTES
            if full:
                self._record.replace(self._record.with_name("painted.old.jsonl"))
        except OSError as error:
            log.warning("%s was not written: %s", self._record, error)

    def save(self, reason: str) -> None:
        """Save the pixels of the window and the line that describes them; from the Kivy thread."""
        self._count += 1
        picture = self._folder / f"{self._count:04d}-{reason}.png"
        description = picture.with_suffix(".json")
        partial = description.with_suffix(".part")
        try:
            save_picture(picture)
            partial.write_text(json.dumps(self._line, ensure_ascii=False, indent=1), encoding="utf-8")
            partial.replace(description)
        except OSError as error:
            log.warning("%s was not saved: %s", picture, error)
