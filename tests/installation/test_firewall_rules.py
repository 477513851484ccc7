"""The packet filter opens each port to those who use it, and nftables takes the rules."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from installation.answers.setup_answers import NetworkAnswers
from installation.steps.firewall import county_ports, hub_ports, ruleset
from server.hub.settings import HubTls

HUB, COUNTY = hub_ports(8080, HubTls()), county_ports(8090)
PARTED = NetworkAnswers(devices=("10.0.1.0/24", "fd00:1::/64"), staff=("10.0.2.7",))


def test_each_port_is_open_to_those_who_use_it() -> None:
    rules = ruleset([HUB], PARTED)
    assert "    ip saddr { 10.0.1.0/24 } tcp dport { 8443, 8883 } accept\n" in rules
    assert "    ip6 saddr { fd00:1::/64 } tcp dport { 8443, 8883 } accept\n" in rules
    assert "    ip saddr { 10.0.2.7 } tcp dport { 8444 } accept\n" in rules
    assert "    tcp dport { 8080 } accept\n" in rules
    assert "8090" not in rules


def test_without_networks_everybody_reaches_the_ports_of_the_programs_and_no_other() -> None:
    opened = [line.strip() for line in ruleset([HUB, COUNTY], NetworkAnswers()).splitlines() if "dport" in line]
    assert opened == [
        "udp dport { 68, 123, 546, 5353 } accept",
        "tcp dport 22 accept",
        "tcp dport { 8443, 8883 } accept",
        "tcp dport { 8444 } accept",
        "tcp dport { 8080 } accept",
        "tcp dport { 443, 8090 } accept",
        "tcp dport 80 redirect to :8080",
        "tcp dport 443 redirect to :8444",
    ]


@pytest.mark.parametrize("network", [NetworkAnswers(), PARTED], ids=["open", "parted"])
def test_nftables_takes_the_rules_twice(tmp_path: Path, network: NetworkAnswers) -> None:
    file = tmp_path / "firewall.nft"
    file.write_text(ruleset([HUB, COUNTY], network), encoding="utf-8")
    load = f"/usr/sbin/nft -f {file}"
    command = ["unshare", "--map-root-user", "--net", "sh", "-c", f"{load} && {load} && /usr/sbin/nft list ruleset"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("table inet jiaohao") == 1
