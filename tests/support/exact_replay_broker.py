"""A broker like the demo's that replays retained messages only to subscriptions without wildcards, as RabbitMQ does."""

from __future__ import annotations

import sys

from amqtt.broker import Broker
from amqtt.session import Session

from demo.network import embedded_broker

_replay = Broker._publish_retained_messages_for_subscription


async def _replay_exact(self: Broker, subscription: tuple[str, int], session: Session) -> None:
    if not {"+", "#"} & set(subscription[0]):
        await _replay(self, subscription, session)


Broker._publish_retained_messages_for_subscription = _replay_exact  # type: ignore[method-assign]

if __name__ == "__main__":
    sys.exit(embedded_broker.main())
