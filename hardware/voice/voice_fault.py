"""What can go wrong with the hall's voice."""

from __future__ import annotations

from hardware.hardware_fault import HardwareFault


class VoiceFault(HardwareFault, RuntimeError):
    """A call was not audible, or perhaps only in part."""


class NoClip(VoiceFault):
    """There is no clip of a word: another reader may have it."""


class ProgramMissing(VoiceFault):
    """A program that the voice needs is not installed."""
