"""What a route needs before it runs: a key of the right kind."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from protocol.vocabulary import DeviceKind
from server.http_server.errors import Denied
from server.hub.access import Device
from server.hub.bootstrap import HubServices


async def hub_of(request: Request) -> HubServices:
    """Return the running hub."""
    hub: HubServices = request.app.state.hub
    return hub


Hub = Annotated[HubServices, Depends(hub_of)]


class Guard(SecurityBase):
    """Lets only devices of these kinds in, or any device when none is named; OpenAPI says that a key is needed."""

    def __init__(self, *kinds: DeviceKind) -> None:
        self._kinds = kinds
        self.model = HTTPBearer(description="the device's key, made by `jiaohao-admin enrol`")
        self.scheme_name = "key"

    async def __call__(self, request: Request) -> Device:
        """Return who asks. Raises Denied."""
        hub = await hub_of(request)
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        device = hub.access.device(key.strip()) if scheme.lower() == "bearer" else None
        if device is None:
            raise Denied(
                status=401,
                error="unknown_key",
                zh="没有密钥或密钥已失效，请用 jiaohao-admin enrol 重新登记本设备",
                en="no key, or one that is not valid; enrol this device with jiaohao-admin enrol",
            )
        if self._kinds and device.kind not in self._kinds:
            raise Denied(
                status=403,
                error="not_allowed",
                zh=f"设备 {device.id}（{device.kind}）不能这样操作",
                en=f"{device.id} is a {device.kind} and may not do this",
            )
        return device


AnyDevice = Annotated[Device, Security(Guard())]
Kiosk = Annotated[Device, Security(Guard(DeviceKind.KIOSK))]
WindowPanel = Annotated[Device, Security(Guard(DeviceKind.WINDOW))]
KioskOrPanel = Annotated[Device, Security(Guard(DeviceKind.KIOSK, DeviceKind.WINDOW))]
