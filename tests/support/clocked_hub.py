"""``jiaohao-hub`` with a clock that a test moves: ``python clocked_hub.py CLOCK.json --settings hub.toml``.

The clock of the program is the only thing that differs. The file is read whenever the clock is.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from moved_clock import ClockFile

from protocol.journal import Moment
from server.hub import bootstrap, main
from server.runtime.clock import Clock, since_boot_s, utc_now
from server.runtime.time_sources import MACHINE, TimeSources


class _ClockOfFile(Clock):
    """A machine's clock as a file describes it."""

    def __init__(self, file: ClockFile) -> None:
        self._file = file
        sources = TimeSources(is_synchronised=self._is_synchronised, is_kept=lambda _: file.read().source == "rtc")
        super().__init__(wall=self._shown, mono=self._run, sources=sources)

    @property
    def boot(self) -> str:
        """See ``Clock``."""
        return self._file.read().boot or super().boot

    def now(self) -> Moment:
        """See ``Clock``."""
        return super().now().model_copy(update={"boot": self.boot})

    def _shown(self) -> datetime:
        state = self._file.read()
        return utc_now() + timedelta(seconds=state.ahead_s + state.later_s)

    def _run(self) -> float:
        return since_boot_s() + self._file.read().later_s

    def _is_synchronised(self) -> bool:
        source = self._file.read().source
        return MACHINE.is_synchronised() if source == "machine" else source == "ntp"


if __name__ == "__main__":
    bootstrap.Clock = partial(_ClockOfFile, ClockFile(Path(sys.argv.pop(1))))  # type: ignore[assignment,misc]
    sys.exit(main.main())
