"""The example county's seven sites in network namespaces, shared by a module's tests: each heals what it cut."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cabled_county import CabledCounty
from county_net import WELL


@pytest.fixture(scope="module")
def running_county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CabledCounty]:
    """Seven hubs, seven brokers and a county server, with all windows open."""
    with CabledCounty(tmp_path_factory.mktemp("county")) as county:
        for site in county.sites:
            county.open_windows(site)
        yield county


@pytest.fixture
def county(running_county: CabledCounty) -> Iterator[CabledCounty]:
    """The county; every cable is whole again after the test, save those that several tests need cut."""
    yield running_county
    for site in set(running_county.sites) - running_county.cut_for_long:
        running_county.cable(site).be(WELL)
