"""FastAPI dependencies of the routes: the running hub, and a device's key of the right kind."""

from __future__ import annotations

import math
import time
from typing import Annotated

from fastapi import Depends, Request, Security

from protocol.vocabulary import DeviceKind, Text
from server.http_server.bearer_key import BearerKey
from server.http_server.errors import Denied
from server.hub.bootstrap import HubServices
from server.hub.device import Device


async def hub_of(request: Request) -> HubServices:
    """Return the running hub."""
    hub: HubServices = request.app.state.hub
    return hub


Hub = Annotated[HubServices, Depends(hub_of)]


def _device_of(request: Request, key: str) -> Device | None:
    hub: HubServices = request.app.state.hub
    return hub.access.holder_of(key)


class DeviceGuard(BearerKey[Device]):
    """Admits devices of these kinds, or any device when none is named."""

    def __init__(self, *kinds: DeviceKind) -> None:
        super().__init__(_device_of, enrol_command="jiaohao-admin enrol", owner=Text(zh="设备", en="device"))
        self._kinds = kinds

    async def __call__(self, request: Request) -> Device:
        """Return the device whose key was presented. Raises Denied: 401 unknown_key, 403 not_allowed, 429."""
        device = await super().__call__(request)
        _check_certificate(request, device)
        hub: HubServices = request.app.state.hub
        hub.devices.note_request(device.id, at=hub.clock.now().at)
        if self._kinds and device.kind not in self._kinds:
            raise Denied(
                status=403,
                error="not_allowed",
                zh=f"设备 {device.id}（{device.kind}）不能这样操作",
                en=f"{device.id} is a {device.kind} and may not do this",
            )
        if request.method == "POST":
            _count_command(request, device)
        return device


def _check_certificate(request: Request, device: Device) -> None:
    """Check that the connection is the device's own. Raises Denied: 403 not_own_certificate.

    A monitor, such as a monitoring system of the county's, only reads, and need not show a certificate.
    """
    shown = request.scope.get("state", {}).get("certificate")
    if shown is not None and shown != device.id and (shown or device.kind is not DeviceKind.MONITOR):
        raise Denied(
            status=403,
            error="not_own_certificate",
            zh=f"设备 {device.id} 没有出示自己的证书，请重新登记本设备",
            en=f"{device.id} has not shown its own certificate; enrol this device again",
        )


def _count_command(request: Request, device: Device) -> None:
    """Count a command of a device's key. Raises Denied: 429 too_many_commands."""
    hub: HubServices = request.app.state.hub
    now = time.monotonic()
    wait_s = math.ceil(hub.command_throttle.wait_s(device.id, at=now))
    if wait_s > 0:
        raise Denied(
            status=429,
            headers={"Retry-After": str(wait_s)},
            error="too_many_commands",
            zh=f"设备 {device.id} 操作太频繁，请 {wait_s} 秒后再试",
            en=f"{device.id} sends too many commands, please try again in {wait_s} seconds",
        )
    hub.command_throttle.count(device.id, at=now)


class PanelGuard(DeviceGuard):
    """Admits window panels at their own windows."""

    def __init__(self) -> None:
        super().__init__(DeviceKind.WINDOW)

    async def __call__(self, request: Request) -> Device:
        """Return the panel. Raises Denied: also 403 not_own_window, whether or not the site has such a window."""
        device = await super().__call__(request)
        if not device.serves(request.path_params["window"]):
            own = ", ".join(sorted(device.windows or ()))
            raise Denied(
                status=403,
                error="not_own_window",
                zh=f"设备 {device.id} 只管窗口 {own}；要管别的，用 jiaohao-admin enrol {device.id} --window … 重新登记",
                en=f"{device.id} is bound to {own}; for others enrol it again: "
                f"jiaohao-admin enrol {device.id} --window …",
            )
        return device


any_device = DeviceGuard()
AnyDevice = Annotated[Device, Security(any_device)]
Kiosk = Annotated[Device, Security(DeviceGuard(DeviceKind.KIOSK))]
KioskOrPanel = Annotated[Device, Security(DeviceGuard(DeviceKind.KIOSK, DeviceKind.WINDOW))]
