"""The campaign of ``make prove`` at sizes that fit a test suite."""

from __future__ import annotations

from pathlib import Path

import pytest
from claims import SHORT
from prove import CLAIMS

pytestmark = pytest.mark.timeout(600)  # hubs start, die and start again


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_of_the_campaign_holds(claim: str, tmp_path: Path) -> None:
    finding = CLAIMS[claim](tmp_path, SHORT)
    assert finding.holds, str(finding)
