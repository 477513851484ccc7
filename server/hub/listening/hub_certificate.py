"""The hub's own certificate: made and renewed by the site's authority while the hub runs."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from protocol.vocabulary import Text
from runtime.fault_log import FaultLog
from runtime.tls_files import load_identity, server_context
from server.authority.authority import open_authority
from server.hub.settings import HubSettings, HubTls

log = logging.getLogger(__name__)

RENEW_EVERY_S = 6 * 3600.0
"""Interval at which the certificate's end and names are checked, seconds."""


class HubCertificate:
    """Certificate and key in the hub's TLS folder, and the contexts of the listeners that serve with them."""

    def __init__(self, settings: HubSettings, tls: HubTls) -> None:
        """Make what is missing. Raises AccessFault, SettingsError, OSError."""
        self._folder = settings.tls_folder
        self._authority = open_authority(settings.data)
        self._names = frozenset({socket.gethostname(), *tls.names})
        self._renewal = FaultLog(log, Text(zh="证书没有更新", en="the certificate was not renewed"))
        self._authority.write_hub_files(self._folder, self._names)
        self.devices = server_context(self._folder, asks_for_certificate=True)
        """Context of the listener to which devices connect."""
        self.staff = server_context(self._folder, asks_for_certificate=False)
        """Context of the listener to which the staff's browsers connect."""

    @contextmanager
    def kept_current(self) -> Iterator[None]:
        """Renew the certificate in time while the block lasts."""
        ended = threading.Event()
        thread = threading.Thread(target=self._renew_until, args=(ended,), name="certificate", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _renew_until(self, ended: threading.Event) -> None:
        while not ended.wait(RENEW_EVERY_S):
            try:
                self.renew()
            except (OSError, ValueError) as error:  # ValueError: of a damaged file
                self._renewal.began(error)
            else:
                self._renewal.ended()

    def renew(self) -> None:
        """Renew the certificate when it ends soon; new connections are served with it. Raises OSError, ValueError."""
        self._authority.write_hub_files(self._folder, self._names)
        for context in (self.devices, self.staff):
            load_identity(context, self._folder)
