from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from plain_hub import PlainHub
from real_county import RealCounty
from real_postgres import RealPostgres

from server.domain.model.catalogue import Catalogue

SITES = [f"site-{number}" for number in range(1, 61)]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The address of a new database of each kind; empty for SQLite in the county's own folder."""
    if request.param == "sqlite":
        return ""
    cluster: RealPostgres = request.getfixturevalue("postgres")
    return cluster.database()


@pytest.fixture(scope="module")
def county(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealCounty]:
    """A county that the tests of one file share; each test takes a site that nobody else has."""
    with RealCounty(tmp_path_factory.mktemp("county"), SITES, database=database) as running:
        yield running


_free = itertools.cycle(SITES)


@pytest.fixture
def site() -> str:
    """A site that no other test of this county has used."""
    return next(_free)


@pytest.fixture
def hub(small_catalogue: Catalogue, site: str) -> PlainHub:
    """A site's journal with a morning in it."""
    paper = PlainHub(small_catalogue, site)
    paper.open()
    for _ in range(4):
        paper.issue()
    paper.serve("window-1", seconds=240)
    paper.call_next("window-1")
    return paper


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
