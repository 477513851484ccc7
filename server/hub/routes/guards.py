"""FastAPI dependencies of the routes: the running hub, and a device's key of the right kind."""

from __future__ import annotations

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
        """Return the device whose key was presented. Raises Denied: 401 unknown_key, 403 not_allowed."""
        device = await super().__call__(request)
        if self._kinds and device.kind not in self._kinds:
            raise Denied(
                status=403,
                error="not_allowed",
                zh=f"设备 {device.id}（{device.kind}）不能这样操作",
                en=f"{device.id} is a {device.kind} and may not do this",
            )
        return device


any_device = DeviceGuard()
AnyDevice = Annotated[Device, Security(any_device)]
Kiosk = Annotated[Device, Security(DeviceGuard(DeviceKind.KIOSK))]
KioskOrPanel = Annotated[Device, Security(DeviceGuard(DeviceKind.KIOSK, DeviceKind.WINDOW))]
