"""Speaks on a thread of its own: the screen never waits for the voice, and no two calls overlap."""

from __future__ import annotations

import logging
from collections.abc import Callable

from hardware.voice.phrases import Utterance
from hardware.voice.voice import Voice
from hardware.voice.voice_fault import VoiceFault
from protocol.vocabulary import Text
from runtime.fault_log import FaultLog
from runtime.worker import Worker

log = logging.getLogger(__name__)

OnSpoken = Callable[[Utterance, VoiceFault | None], None]
"""Takes what was spoken, or why it was not; runs on the voice's thread, so it only enqueues."""

ENDS_WITHIN_S = 1.0
"""Longest wait for the call being spoken when the worker is closed, seconds."""


class SpeechWorker:
    """One voice, one utterance at a time. Behind one that hangs only the newest waits: others are no longer true."""

    def __init__(self, voice: Voice, *, on_spoken: OnSpoken) -> None:
        self._voice = voice
        self._on_spoken = on_spoken
        self._fault = FaultLog(log, Text(zh="没有广播", en="nothing is spoken"))
        self._worker: Worker[Utterance] = Worker("voice", self._announce, at_most=1)
        self._worker.start()

    def announce(self, utterance: Utterance) -> None:
        """Have an utterance spoken after the present one."""
        self._worker.put(utterance)

    def close(self) -> None:
        """End after the call being spoken; calls that wait are dropped."""
        self._worker.stop(within_s=ENDS_WITHIN_S, discard=True)

    def _announce(self, utterance: Utterance) -> None:
        self._on_spoken(utterance, self._speak(utterance))

    def _speak(self, utterance: Utterance) -> VoiceFault | None:
        """Speak; return why it was not audible, or None. A defect of the voice counts as its fault."""
        try:
            self._voice.speak(utterance)
        except VoiceFault as fault:
            self._fault.began(fault)
            return fault
        except Exception as error:  # noqa: BLE001 - logged with its traceback
            self._fault.began(repr(error), defect=error)
            return VoiceFault(zh=f"语音程序出错：{error}", en=f"the voice failed: {error}")
        self._fault.ended()
        return None
