"""Who may do what at the demo's embedded broker: the same keys and rights that the hub writes down for Mosquitto."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from pathlib import Path

from amqtt.contexts import Action, BaseContext
from amqtt.plugins.base import BaseAuthPlugin, BasePlugin, BaseTopicPlugin
from amqtt.session import Session

from protocol import topics
from server.hub.access import HUB_USER, Access


@dataclass
class SiteFolder(BasePlugin.Config):
    """Whose keys count: the site, and the folder with its ``access.json``."""

    folder: str = ""
    site: str = ""


class KeysOfTheHall(BaseAuthPlugin):
    """Lets in the hub and the devices that it has given a key: user is the device, password the key."""

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


class RightsOfTheHall(BaseTopicPlugin):
    """The hub tells everything of its site, a device its own status; everyone hears the whole site."""

    Config = SiteFolder

    async def topic_filtering(
        self, *, session: Session | None = None, topic: str | None = None, action: Action | None = None
    ) -> bool:
        """Whether whoever is connected may do this on this topic."""
        site = self.config.site
        user = session.username if session else None
        if topic is None or not topic.startswith(f"{topics.ROOT}/{site}/"):
            return False
        return action is not Action.PUBLISH or user == HUB_USER or topic == topics.device_status(site, str(user))
