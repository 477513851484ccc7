"""MQTT brokers in Python, one for each site of the demo: ``python -m demo.setup.embedded_broker``.

A real hall has its Mosquitto.

They share a process to be small, and nothing else: each has a port, keys and clients of its own.
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

from demo.setup.broker_rights import KeysOfTheHall, RightsOfTheHall

if TYPE_CHECKING:
    from _collections_abc import dict_items


def main() -> int:
    """Run until SIGTERM or Ctrl-C; exit code 1 when the port cannot be had."""
    arguments = argparse.ArgumentParser(prog="demo.setup.embedded_broker", description=__doc__)
    arguments.add_argument(
        "--site",
        nargs=3,
        action="append",
        required=True,
        metavar=("SITE", "PORT", "FOLDER"),
        help="a site, the port of its broker, and the hub's data folder with access.json",
    )
    sites = [SiteBroker(site, int(port), Path(folder)) for site, port, folder in arguments.parse_args().site]
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("transitions").setLevel(logging.ERROR)
    try:
        asyncio.run(serve(sites))
    except BrokerError as error:
        print(f"演示用的消息服务器不能启动 / the demo's broker cannot start: {error}", file=sys.stderr)
        return 1
    return 0


class SiteBroker(NamedTuple):
    """Where one site's broker listens, and where the keys are that it goes by."""

    site: str
    port: int
    folder: Path


async def serve(sites: Sequence[SiteBroker]) -> None:
    """Serve this machine until the process is asked to end. Raises BrokerError."""
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
    whose = {"folder": str(of.folder), "site": of.site}
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{of.port}"}},
            "plugins": {_path(KeysOfTheHall): whose, _path(RightsOfTheHall): whose},
        }
    )
    broker._subscriptions = _Subscriptions()
    return broker


class _Subscriptions(dict[str, list[tuple[Session, int]]]):
    """Who hears which topic, safe to go through while it changes.

    amqtt 0.12 awaits while it goes through its own (``broker.py``, ``_handle_client_session``, ``_run_broadcast``):
    when several clients come or go at the same moment, one of them stays deaf, or a message reaches only some.
    """

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(super().keys()))

    def items(self) -> dict_items[str, list[tuple[Session, int]]]:
        """Return what is true now, as a copy."""
        return {topic: list(self[topic]) for topic in self}.items()


def _path(plugin: type) -> str:
    """Return the name under which amqtt imports a plugin."""
    return f"{plugin.__module__}.{plugin.__qualname__}"


if __name__ == "__main__":
    sys.exit(main())
