"""``make bench``: what the hall costs and how fast it is, against floors of the same run. It never fails."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from measure_commands import card, commands
from measure_county import county, joined
from measure_forecast import forecasts
from measure_frames import frames
from measure_history import history, queues
from measure_processes import processes, start_to_ready
from sizes import FULL, TINY, Sizes
from tables import Line, table

KEPT = Path(__file__).parents[2] / "docs" / "benchmarks.md"
PARTS: Mapping[str, Callable[[Path, Sizes], list[Line]]] = MappingProxyType(
    {
        "commands": commands,
        "card": card,
        "frames": frames,
        "history": history,
        "queues": queues,
        "forecasts": forecasts,
        "processes": processes,
        "start": start_to_ready,
        "county": county,
        "joined": joined,
    }
)
HOW = """\
Floor and subject take turns in blocks within each round, so that another program on the machine hurts both alike. A
figure is the median over the rounds of each round's percentile, and a ratio the median of the rounds' own ratios.

* **issue a ticket**: the floor is the barest FastAPI route that inserts one row and commits it (SQLite, WAL,
  `synchronous=FULL`) on a writer thread, in a process of its own with the hub's uvicorn options
  (`tests/bench/bare_server.py`).
* **slow disk**: the same two on a disk whose sync takes 5 ms, as an SD card's does; strace delays the sync of both
  (`tests/bench/slow_disk.py`).
* **press → board received**: the floor is one such call with its commit, then one raw publish of as many bytes
  through the same Mosquitto until the last screen has it. The screens are raw MQTT clients in a process of their own.
* **press → painted frame**: a real `jiaohao-display` process at 1920 × 1080, drawn in software, offscreen, records
  when the frame with the call was shown.
* **old tickets, waiting**: two halls run side by side; the floor is the new or quiet one.
* **choice, simulation run**: processor time of the rules alone in one process, in the example county's main hall with
  all windows pooled and busy; a forecast makes a hundred simulation runs. It is made anew every second after changes as
  long as it takes 200 ms at most.
* **memory, CPU**: after a busy morning, then at rest; the CPU is of one core.
* **start to ready**: until `/healthz` answers.
* **into the county**: a `jiaohao-county` process takes journals over HTTP, 500 entries a push (one site's backlog) or
  25 (all sites at once); the floor writes the same rows to a bare table of the same database, one commit a push.
* **PostgreSQL 20 and 100 ms away**: one push through a link whose round trip takes as long; the floor writes its rows
  to a bare table through the same link, which costs three round trips.
* **the county up, slow, away**: two halls side by side issue and call by turns; the floor is the one
  without a county. Two halls that are alike differ by up to a tenth as long as their processes live: each round is of
  two new ones, and the line of another hall without a county shows what of the others is chance. Slow is half a second
  for each answer. The county yields its processor to the hubs (`nice`) and has its data in memory, being a machine
  with a disk of its own in life.
"""


def main() -> int:
    """Measure the parts that are named, or all; print the table, and write it to the documents on request."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"{', '.join(PARTS)}; all when none is named")
    parser.add_argument("--tiny", action="store_true", help="only see that everything can be measured")
    parser.add_argument("--write", action="store_true", help="keep the table as docs/benchmarks.md")
    arguments = parser.parse_args()
    unknown = set(arguments.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    lines: list[Line] = []
    for name in arguments.parts or PARTS:
        sys.stderr.write(f"measuring {name} …\n")
        with tempfile.TemporaryDirectory(prefix=f"jiaohao-bench-{name}-") as folder:
            lines += PARTS[name](Path(folder), TINY if arguments.tiny else FULL)
    text = table(lines)
    sys.stdout.write(text + "\n")
    if arguments.write:
        KEPT.write_text(_document(text), encoding="utf-8")
    return 0


def _document(text: str) -> str:
    versions = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return f"# Benchmarks\n\n`make bench ARGS=--write` on {datetime.now(UTC):%Y-%m-%d}: {versions}.\n\n{HOW}\n{text}\n"


if __name__ == "__main__":
    sys.exit(main())
