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
    """Figures of one quiet day are no figures; that all of them come out is what is tested."""
    written = tmp_path / "page.md"
    path = os.pathsep.join(str(p) for p in (ROOT, ROOT / "tests" / "support", FOLDER))
    subprocess.run(
        [sys.executable, FOLDER / "evaluate.py", "--tiny", "--seeds", "1", "--out", written],
        env={**os.environ, "PYTHONPATH": path},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    text = written.read_text(encoding="utf-8")
    for told in ("mean ÷ bound", "day one", "dedicated_offers", "branches far away", "slow systems", "Erlang C"):
        assert told in text
