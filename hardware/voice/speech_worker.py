"""Speaks calls in order on a thread of its own: the screen never waits for the voice, and no two calls overlap."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue

from hardware.voice.voice import Voice, VoiceFault
from protocol.retained_messages import Call

log = logging.getLogger(__name__)

Spoken = Callable[[Call, VoiceFault | None], None]
"""Hears that a call was spoken, or why not; runs on the voice's thread: hand over and return."""


class SpeechWorker:
    """One voice, one call at a time."""

    def __init__(self, voice: Voice, *, on_spoken: Spoken) -> None:
        self._voice = voice
        self._on_spoken = on_spoken
        self._calls: SimpleQueue[Call | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)
        self._thread.start()

    def say(self, call: Call) -> None:
        """Speak a call after those before it."""
        self._calls.put(call)

    def close(self) -> None:
        """End after the call being spoken; what waits is not spoken. Waits at most a second."""
        with suppress(Empty):
            while True:
                self._calls.get_nowait()
        self._calls.put(None)
        self._thread.join(timeout=1.0)

    def _run(self) -> None:
        while (call := self._calls.get()) is not None:
            self._on_spoken(call, self._speak(call))

    def _speak(self, call: Call) -> VoiceFault | None:
        """Return why a call was not heard, or None. A defect of a voice is its fault and never ends the thread."""
        try:
            self._voice.speak(call)
        except VoiceFault as fault:
            log.warning("%s was not spoken: %s", call.number, fault)
            return fault
        except Exception as error:
            log.exception("the voice failed at %s", call.number)
            return VoiceFault(f"语音程序出错 / the voice failed: {error}")
        return None
