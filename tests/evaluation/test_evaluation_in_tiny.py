from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]


@pytest.mark.timeout(400)
def test_everything_that_make_evaluate_promises_can_be_evaluated(tmp_path: Path) -> None:
    """Run everything on one quiet day: its figures mean nothing, but all of them must come out."""
    page = tmp_path / "page.md"
    path = os.pathsep.join(str(p) for p in (ROOT, ROOT / "tests" / "support", FOLDER))
    subprocess.run(
        [sys.executable, FOLDER / "evaluate.py", "--tiny", "--seeds", "1", "--out", page],
        env={**os.environ, "PYTHONPATH": path},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    text = page.read_text(encoding="utf-8")
    for part in ("mean ÷ bound", "day one", "dedicated_offers", "branches far away", "slow systems", "Erlang C"):
        assert part in text
