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

from amqtt.adapters import ReaderAdapter, WriterAdapter
from amqtt.broker import Broker
from amqtt.contexts import Action
from amqtt.errors import AMQTTError, BrokerError, MQTTError, NoDataError
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.session import Session
from amqtt.utils import gen_client_id

from demo.network.broker_rights import HubKeysPlugin, TopicRightsPlugin
from protocol.vocabulary import Text
from runtime.run_command import DONE, CommandFailed, command_parser, run_command

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from _collections_abc import dict_items


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or Ctrl-C; exit code 1 when a port cannot be bound."""
    parser = command_parser("demo.network.embedded_broker", description=__doc__, log_level="warning")
    parser.add_argument("--host", default="127.0.0.1", help="listening address, IPv4 or IPv6 (127.0.0.1)")
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
    sites = [SiteBroker(site, int(port), Path(folder), options.host) for site, port, folder in options.site]
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
    host: str = "127.0.0.1"


async def serve(sites: Sequence[SiteBroker]) -> None:
    """Run all brokers until SIGTERM or SIGINT. Raises BrokerError."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    brokers = [_broker(site) for site in sites]
    for broker in brokers:
        await broker.start()
    await ended.wait()
    for broker in brokers:
        await broker.shutdown()


class _StrictBroker(Broker):
    """A broker as strict as Mosquitto is with an access file.

    amqtt 0.12 lets any client take the session of another one by its id, before it is authenticated; publishes any
    will; and sends every new client whatever is retained for the subscriptions of others.
    """

    async def _initialize_client_session(
        self, reader: ReaderAdapter, writer: WriterAdapter, remote_address: str, remote_port: int
    ) -> tuple[BrokerProtocolHandler, Session]:
        try:
            connection, session = await BrokerProtocolHandler.init_from_connect(reader, writer, self.plugins_manager)
        except (AMQTTError, MQTTError, NoDataError):
            log.debug("%s:%s did not connect", remote_address, remote_port)
            await writer.close()
            raise
        session.clean_session, session.parent = True, 0
        known = await self._authenticate(session, self.listeners_config["default"])
        if not known:
            session.client_id = gen_client_id()
        if session.will_flag:
            session.will_flag = await self._topic_filtering(session, session.will_topic or "", Action.PUBLISH)
        await self._delete_session(session.client_id or "")
        return connection, session

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Session
    ) -> None:
        if any(own is session for own, _ in self._subscriptions.get(subscription[0], ())):
            await super()._publish_retained_messages_for_subscription(subscription, session)


def _broker(of: SiteBroker) -> Broker:
    plugin_settings = {"folder": str(of.folder), "site": of.site}
    broker = _StrictBroker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"{of.host}:{of.port}"}},
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
