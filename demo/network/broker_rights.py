"""Authentication and access control of the demo's broker: the keys and rights that the hub gives Mosquitto."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from pathlib import Path

from amqtt.contexts import Action, BaseContext
from amqtt.plugins.base import BaseAuthPlugin, BasePlugin, BaseTopicPlugin
from amqtt.session import Session

from protocol.clients.mqtt_client import topic_matches
from server.hub.access import HUB_USER, Access


@dataclass
class SiteFolder(BasePlugin.Config):
    """Plugin configuration: a site's id, and the hub's data folder with ``access.json``."""

    folder: str = ""
    site: str = ""


class HubKeysPlugin(BaseAuthPlugin):
    """Authenticates the hub and its enrolled devices: the user name is the device's id, the password its key."""

    Config = SiteFolder

    def __init__(self, context: BaseContext) -> None:
        super().__init__(context)
        self._access = Access(Path(self.config.folder), site=self.config.site)

    async def authenticate(self, *, session: Session) -> bool:
        """Whether user and password belong together."""
        user, password = session.username, session.password or ""
        if user == HUB_USER:
            return hmac.compare_digest(password, self._access.hub_key())
        device = self._access.holder_of(password)
        return device is not None and device.id == user


class TopicRightsPlugin(BaseTopicPlugin):
    """Lets each user publish, subscribe and receive what the hub's access file for Mosquitto allows."""

    Config = SiteFolder

    def __init__(self, context: BaseContext) -> None:
        super().__init__(context)
        self._access = Access(Path(self.config.folder), site=self.config.site)

    async def topic_filtering(
        self, *, session: Session | None = None, topic: str | None = None, action: Action | None = None
    ) -> bool:
        """Whether the session's user may do this action on this topic, or subscribe to all that a filter matches."""
        user = session.username if session else None
        rights = self._access.topic_rights(user or "")
        if rights is None or topic is None:
            return False
        allowed = rights.writes if action is Action.PUBLISH else rights.reads
        return any(topic_matches(pattern, topic) for pattern in allowed)
