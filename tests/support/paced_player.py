"""A sound card without a loudspeaker: ``paced_player.py FILE PACE`` ends when FILE would, PACE times as fast."""

from __future__ import annotations

import sys
import time
import wave

with wave.open(sys.argv[1]) as sound:
    time.sleep(sound.getnframes() / sound.getframerate() / float(sys.argv[2]))
