"""MQTT brokers in Python, one for each site of the demo: ``python -m demo.network.embedded_broker``.

A real hall runs Mosquitto. The demo's brokers share a process to save memory, and nothing else: each has a port,
keys and connections of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from amqtt.broker import Broker
from amqtt.errors import BrokerError
from amqtt.session import Session

from demo.network.broker_rights import HubKeysPlugin, TopicRightsPlugin
from protocol.vocabulary import Text
from runtime.run_command import DONE, CommandFailed, command_parser, run_command

if TYPE_CHECKING:
    from _collections_abc import dict_items


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or Ctrl-C; exit code 1 when a port cannot be bound."""
    parser = command_parser("demo.network.embedded_broker", description=__doc__, log_level="warning")
    parser.add_argument(
        "--site",
        nargs=3,
        action="append",
        required=True,
        metavar=("SITE", "PORT", "FOLDER"),
        help="a site, the port of its broker, and the hub's data folder with access.json",
    )
    return run_command(parser, _run, arguments)


def _run(options: argparse.Namespace) -> int:
    logging.getLogger("transitions").setLevel(logging.ERROR)
    sites = [SiteBroker(site, int(port), Path(folder)) for site, port, folder in options.site]
    try:
        asyncio.run(serve(sites))
    except BrokerError as error:
        raise CommandFailed(
            Text(zh=f"演示用的消息服务器不能启动：{error}", en=f"the demo's broker cannot start: {error}")
        ) from error
    return DONE


class SiteBroker(NamedTuple):
    """One site's broker: the port it listens on, and the hub's data folder with the keys."""

    site: str
    port: int
    folder: Path


async def serve(sites: Sequence[SiteBroker]) -> None:
    """Run all brokers on the loopback interface until SIGTERM or SIGINT. Raises BrokerError."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    brokers = [_broker(site) for site in sites]
    for broker in brokers:
        await broker.start()
    await ended.wait()
    for broker in brokers:
        await broker.shutdown()


def _broker(of: SiteBroker) -> Broker:
    plugin_settings = {"folder": str(of.folder), "site": of.site}
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{of.port}"}},
            "plugins": {_path(HubKeysPlugin): plugin_settings, _path(TopicRightsPlugin): plugin_settings},
        }
    )
    broker._subscriptions = _Subscriptions()
    return broker


class _Subscriptions(dict[str, list[tuple[Session, int]]]):
    """Subscriptions by topic, safe to iterate while they change.

    amqtt 0.12 awaits while it iterates over its own dict (``broker.py``, ``_handle_client_session``,
    ``_run_broadcast``): when several sessions connect or disconnect at once, one gets no messages, or a message
    reaches only some.
    """

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(super().keys()))

    def items(self) -> dict_items[str, list[tuple[Session, int]]]:
        """Return a copy of the present subscriptions."""
        return {topic: list(self[topic]) for topic in self}.items()


def _path(plugin: type) -> str:
    """Return the dotted name under which amqtt imports a plugin."""
    return f"{plugin.__module__}.{plugin.__qualname__}"


if __name__ == "__main__":
    sys.exit(main())
