"""An MQTT broker in Python for one hall on one machine: ``python -m demo.broker``. A real hall has Mosquitto."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from amqtt.broker import Broker
from amqtt.errors import BrokerError
from amqtt.session import Session

from demo.broker_rights import KeysOfTheHall, RightsOfTheHall

if TYPE_CHECKING:
    from _collections_abc import dict_items


def main() -> int:
    """Run until SIGTERM or Ctrl-C; exit code 1 when the port cannot be had."""
    arguments = argparse.ArgumentParser(prog="demo.broker", description=__doc__)
    arguments.add_argument("--folder", type=Path, required=True, help="the hub's data folder, with access.json")
    arguments.add_argument("--site", required=True)
    arguments.add_argument("--port", type=int, required=True)
    asked = arguments.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("transitions").setLevel(logging.ERROR)
    try:
        asyncio.run(serve(folder=asked.folder, site=asked.site, port=asked.port))
    except BrokerError as error:
        print(f"演示用的消息服务器不能启动 / the demo's broker cannot start: {error}", file=sys.stderr)
        return 1
    return 0


async def serve(*, folder: Path, site: str, port: int) -> None:
    """Serve this machine until the process is asked to end. Raises BrokerError."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    whose = {"folder": str(folder), "site": site}
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
            "plugins": {_path(KeysOfTheHall): whose, _path(RightsOfTheHall): whose},
        }
    )
    broker._subscriptions = _Subscriptions()
    await broker.start()
    await ended.wait()
    await broker.shutdown()


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
