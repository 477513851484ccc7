"""The example county's sites, by name: descriptions lie in ``demo/county``. Knows only the standard library."""

from __future__ import annotations

from pathlib import Path

COUNTY = Path(__file__).parents[1] / "county"
MAIN_HALL = "main-hall"
BRANCHES = ("tax", "police", "social-security", "real-estate", "health", "township")


def description(site: str) -> Path:
    """Return where a site's description is."""
    return COUNTY / f"{site}.toml"
