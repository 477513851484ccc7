"""The packet filter of a server: who reaches which port. Everything else that comes in is dropped, except ssh."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from types import MappingProxyType
from typing import NamedTuple

from installation.answers.setup_answers import NetworkAnswers
from installation.machine import SETTINGS, Machine
from installation.steps.step import FileStep
from protocol.vocabulary import Text
from server.hub.settings import HubTls

FILE = f"{SETTINGS}/firewall.nft"
UNIT = "jiaohao-firewall.service"
SSH = 22
DHCP, NTP, DHCP_V6, MDNS = 68, 123, 546, 5353
ICMP, ICMP_V6 = 1, 58
"""Numbers of protocols, whose names a small system does not know."""


class ServerPorts(NamedTuple):
    """The ports of one program, by who uses them; of ``redirected`` each leads to another."""

    devices: tuple[int, ...] = ()
    staff: tuple[int, ...] = ()
    everybody: tuple[int, ...] = ()
    redirected: Mapping[int, int] = MappingProxyType({})


def hub_ports(port: int, tls: HubTls | None) -> ServerPorts:
    """Return the ports of a hub and its broker; visitors' phones use ``port``."""
    if tls is None:
        return ServerPorts(everybody=(port,), redirected={80: port})
    redirected = {80: port, 443: tls.staff_port}
    devices = (tls.devices_port, tls.broker_port)
    return ServerPorts(devices=devices, staff=(tls.staff_port,), everybody=(port,), redirected=redirected)


def county_ports(port: int) -> ServerPorts:
    """Return the ports of a county server, and of a proxy before it."""
    return ServerPorts(devices=(443, port), staff=(443, port))


def firewall_step(machine: Machine, ports: Sequence[ServerPorts], network: NetworkAnswers) -> FileStep:
    """A table of nftables of its own, loaded by a unit of its own."""

    def verify() -> list[Text]:
        tried = machine.run("nft", "--check", "--file", FILE)
        listed = machine.run("nft", "list", "table", "inet", "jiaohao")
        why = next((ran.first_line for ran in (tried, listed) if ran.code), None)
        return [] if why is None else [Text(zh=f"防火墙没有生效：{why}", en=f"the packet filter is not loaded: {why}")]

    return FileStep(
        machine,
        purpose=Text(
            zh="防火墙：设备、工作人员、访客各用各的端口", en="packet filter: ports for devices, staff, visitors"
        ),
        files={FILE: ruleset(ports, network)},
        commands=[("systemctl", "enable", UNIT), ("systemctl", "restart", UNIT)],
        undo_commands=[("systemctl", "disable", "--now", UNIT)],
        verify=verify,
    )


def ruleset(ports: Sequence[ServerPorts], network: NetworkAnswers) -> str:
    """Return the rules; to load them replaces all former ones at once."""
    open_lines = [
        line
        for each in ports
        for line in (
            *_lines(each.devices, network.devices or ()),
            *_lines(each.staff, network.staff or ()),
            *_lines(each.everybody, ()),
        )
    ]
    redirects = [f"tcp dport {old} redirect to :{new}" for each in ports for old, new in each.redirected.items()]
    return "\n".join(
        [
            "# jiaohao-setup / 由 jiaohao-setup 生成",
            "table inet jiaohao",
            "delete table inet jiaohao",
            "table inet jiaohao {",
            "  chain input {",
            "    type filter hook input priority filter; policy drop;",
            "    ct state established,related accept",
            "    ct state invalid drop",
            '    iifname "lo" accept',
            f"    meta l4proto {{ {ICMP}, {ICMP_V6} }} accept",
            f"    udp dport {{ {DHCP}, {NTP}, {DHCP_V6}, {MDNS} }} accept",
            f"    tcp dport {SSH} accept",
            *(f"    {line}" for line in dict.fromkeys(open_lines)),
            "  }",
            "  chain redirected {",
            "    type nat hook prerouting priority dstnat;",
            *(f"    {line}" for line in redirects),
            "  }",
            "}",
            "",
        ]
    )


def _lines(ports: Sequence[int], networks: Sequence[str]) -> list[str]:
    """Return the lines that open ports to networks, or to everybody where there are none."""
    if not ports:
        return []
    opened = f"tcp dport {{ {', '.join(map(str, ports))} }} accept"
    families = {4: "ip", 6: "ip6"}
    by_family = {
        name: [network for network in networks if ip_network(network).version == version]
        for version, name in families.items()
    }
    lines = [f"{name} saddr {{ {', '.join(some)} }} {opened}" for name, some in by_family.items() if some]
    return lines if networks else [opened]
