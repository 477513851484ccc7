"""What the county's journeys lean on: cables that carry, can be cut, unplugged, slow and lossy."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from county_net import COUNTY, Condition, Network, Place, SitePlace, ip
from real_hall import Process, until

FETCH = "import sys, urllib.request; urllib.request.urlopen(f'http://{sys.argv[1]}:7000', timeout=float(sys.argv[2]))"


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    folder = tmp_path_factory.mktemp("served")
    with Network(["tax", "police"]) as network:
        served = [sys.executable, "-m", "http.server", "7000", "--directory", str(folder)]
        county = Process([*network.county.inside, *served], log=folder / "county.log")
        county.start()
        until(lambda: error_of_a_request(network.sites["tax"], to=network.county) == "", what="the county answers")
        yield network
        county.kill()


def error_of_a_request(site: SitePlace, *, to: Place, within_s: float = 10.0) -> str:
    """Send an HTTP request from a site to a place; return the last line of the error, empty without one."""
    command = [*site.inside, sys.executable, "-c", FETCH, to.lan, str(within_s)]
    lines = subprocess.run(command, capture_output=True, text=True, check=False).stderr.strip().splitlines()
    return lines[-1] if lines else ""


def test_a_cut_cable_swallows_everything_and_a_healed_one_carries_again(net: Network) -> None:
    tax, police = net.sites["tax"], net.sites["police"]
    tax.cable.cut()

    assert "timed out" in error_of_a_request(tax, to=net.county, within_s=1)
    assert error_of_a_request(police, to=net.county) == ""
    tax.cable.heal()
    assert error_of_a_request(tax, to=net.county) == ""


def test_a_pulled_plug_is_known_at_once(net: Network) -> None:
    tax = net.sites["tax"]
    tax.cable.unplug()

    assert "Network is unreachable" in error_of_a_request(tax, to=net.county)
    tax.cable.plug()
    assert error_of_a_request(tax, to=net.county) == ""


def test_a_slow_and_lossy_cable_still_carries(net: Network) -> None:
    tax = net.sites["tax"]
    tax.cable.be(Condition(delay_s=0.3, loss=0.1, bits_per_s=64_000))
    began = time.monotonic()

    assert error_of_a_request(tax, to=net.county) == ""
    assert time.monotonic() - began > 4 * 0.3  # there and back, to connect and for the request
    tax.cable.heal()


def test_sites_reach_the_county_and_nobody_else(net: Network) -> None:
    tax, police = net.sites["tax"], net.sites["police"]

    assert "Network is unreachable" in error_of_a_request(tax, to=police)


def test_what_a_killed_test_left_is_taken_down_by_the_next() -> None:
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    left = f"jh{int(gone.stdout)}-{COUNTY}"
    ip("netns", "add", left)

    with Network([]):
        assert left not in ip("netns", "list")
