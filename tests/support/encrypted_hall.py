"""A real hall whose devices and staff connect over TLS, as on machines of their own, with certificates of its site."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import urllib3
from ports import free_port
from real_hall import PATIENT_S, RealHall
from tls_folders import device_folder

from protocol.clients.hub_client import HubClient
from protocol.settings import BrokerAddress, HubAddress, server_url
from runtime.hall_connections import hub_client
from runtime.tls_files import AUTHORITY
from server.authority.authority import open_authority

SHIPPED_TLS = Path(__file__).parents[2] / "systemd" / "mosquitto-jiaohao-tls.conf"


class EncryptedHall(RealHall):
    """A hall with ``[tls]``: ``devices_url`` and ``staff_url`` beside ``url``, and a broker's port for certificates."""

    def __init__(self, folder: Path, **options: Any) -> None:
        super().__init__(folder, **options)
        devices, staff = free_port(), free_port()
        self.devices_port = devices
        self.devices_url = server_url(self.host, devices, scheme="https")
        self.staff_url = server_url(self.host, staff, scheme="https")
        self.encrypted_broker = BrokerAddress(host=self.host, port=free_port(), keepalive_s=5)
        self.authority = open_authority(self.data)
        self.authority.write_hub_files(self.data / "tls", [])
        with self.settings.open("a", encoding="utf-8") as file:
            file.write(f"[tls]\ndevices_port = {devices}\nstaff_port = {staff}\n")
        shipped = SHIPPED_TLS.read_text(encoding="utf-8").replace("/var/lib/jiaohao", str(self.data))
        with self.broker.configuration.open("a", encoding="utf-8") as file:
            file.write(shipped.replace("listener 8883", f"listener {self.encrypted_broker.port} {self.host}"))

    def tls_folder(self, device: str) -> Path:
        """Return a folder with a new certificate for a device."""
        return device_folder(self.folder / f"tls-{device}", self.authority, device)

    def encrypted_client(self, device: str) -> HubClient:
        """Return a client of the hub with the device's key and a new certificate."""
        return hub_client(self.devices_address(device), tls=self.tls_folder(device), timeout_s=PATIENT_S)

    def post_devices(self, path: str, json: Any, *, source: str) -> urllib3.BaseHTTPResponse:
        """Send a request without a key or certificate, from a loopback address, to the port of the devices."""
        ca, sender = str(self.data / "tls" / AUTHORITY), (source, 0)
        with urllib3.PoolManager(
            ca_certs=ca, assert_hostname="localhost", retries=False, source_address=sender
        ) as anybody:
            return anybody.request("POST", self.devices_url + path, json=json, timeout=PATIENT_S)

    def devices_address(self, device: str) -> HubAddress:
        """Return where a device finds the hub, with its key."""
        return self.address(device).model_copy(update={"url": self.devices_url})
