"""Speaks calls in order on a thread of its own: the screen never waits for the voice, and no two calls overlap."""

from __future__ import annotations

import logging
from collections.abc import Callable

from hardware.voice.voice import Voice, VoiceFault
from protocol.retained_messages import Call
from runtime.worker import Worker

log = logging.getLogger(__name__)

OnSpoken = Callable[[Call, VoiceFault | None], None]
"""Takes a call that was spoken, or why it was not; runs on the voice's thread, so it only enqueues."""

ENDS_WITHIN_S = 1.0
"""Longest wait for the call being spoken when the worker is closed, seconds."""


class SpeechWorker:
    """One voice, one call at a time."""

    def __init__(self, voice: Voice, *, on_spoken: OnSpoken) -> None:
        self._voice = voice
        self._on_spoken = on_spoken
        self._worker: Worker[Call] = Worker("voice", self._announce)
        self._worker.start()

    def announce(self, call: Call) -> None:
        """Have a call spoken after those before it."""
        self._worker.put(call)

    def close(self) -> None:
        """End after the call being spoken; calls that wait are dropped."""
        self._worker.stop(within_s=ENDS_WITHIN_S, discard=True)

    def _announce(self, call: Call) -> None:
        self._on_spoken(call, self._speak(call))

    def _speak(self, call: Call) -> VoiceFault | None:
        """Speak a call; return why it was not audible, or None. A defect of the voice counts as its fault."""
        try:
            self._voice.speak(call)
        except VoiceFault as fault:
            log.warning("%s was not spoken: %s", call.number, fault)
            return fault
        except Exception as error:
            log.exception("the voice failed at %s", call.number)
            return VoiceFault(zh=f"语音程序出错：{error}", en=f"the voice failed: {error}")
        return None
