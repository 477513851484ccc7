"""``make prove``: load and faults against the claims of hub and county; exit code 1 when a claim fails."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from claims import LONG, SHORT, Finding, Sizes
from proof_of_broker import broker
from proof_of_clocks import clocks
from proof_of_county import county
from proof_of_files import files
from proof_of_floods import floods
from proof_of_kills import kills
from proof_of_numbers import calls, long_queue, numbers
from proof_of_paper import paper
from proof_of_repeats import repeats
from proof_of_voice import voice

CLAIMS: Mapping[str, Callable[[Path, Sizes], Finding]] = MappingProxyType(
    {
        "numbers": numbers,
        "calls": calls,
        "kills": kills,
        "broker": broker,
        "repeats": repeats,
        "county": county,
        "long-queue": long_queue,
        "paper": paper,
        "clocks": clocks,
        "files": files,
        "floods": floods,
        "voice": voice,
    }
)


def main() -> int:
    """Try the claims that are named, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("claims", nargs="*", help=f"{', '.join(CLAIMS)}; all when none is named")
    parser.add_argument("--short", action="store_true", help="the sizes of the test suite")
    arguments = parser.parse_args()
    unknown = set(arguments.claims) - set(CLAIMS)
    if unknown:
        parser.error(f"there is no claim {', '.join(sorted(unknown))}")
    sizes = SHORT if arguments.short else LONG
    findings = [_try(name, sizes) for name in arguments.claims or CLAIMS]
    return 0 if all(f.holds for f in findings) else 1


def _try(name: str, sizes: Sizes) -> Finding:
    with tempfile.TemporaryDirectory(prefix=f"jiaohao-prove-{name}-") as folder:
        began = time.monotonic()
        finding = CLAIMS[name](Path(folder), sizes)
        print(f"{finding} [{time.monotonic() - began:.0f} s]", flush=True)  # noqa: T201 - the command's answer
    return finding


if __name__ == "__main__":
    sys.exit(main())
