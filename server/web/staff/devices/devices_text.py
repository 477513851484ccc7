"""The texts of the devices page."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType

from protocol.vocabulary import DeviceKind, PaperState, Presence, Text

TITLE = Text(zh="设备", en="Devices")
NONE = Text(zh="还没有登记设备。", en="No device is enrolled yet.")
MANAGER = Text(zh="管理", en="Manager's page")
LEAVE = Text(zh="退出", en="Log out")
COLUMNS = (
    Text(zh="设备", en="Device"),
    Text(zh="状态", en="State"),
    Text(zh="上次联系", en="Last contact"),
    Text(zh="故障", en="Faults"),
    Text(zh="版本", en="Version"),
    Text(zh="地址", en="Address"),
    Text(zh="已运行", en="Running for"),
    Text(zh="重新启动", en="Restarts"),
    Text(zh="磁盘剩余", en="Disk left"),
    Text(zh="温度", en="Temperature"),
    Text(zh="时钟", en="Clock"),
    Text(zh="证书剩余", en="Certificate left"),
)
EXPLAINED = Text(
    zh="重新启动 = 站点服务器启动以来该设备程序重新启动的次数。时钟 = 设备的时钟比站点服务器快或慢多少。"
    "空白 = 该设备没有报告，或没有证书。",
    en="Restarts = how often the device's program was started again since the hub was started. Clock = how far the "
    "device's clock is ahead of or behind the hub's. Empty = the device does not report it, or has no certificate.",
)
PRESENCES = MappingProxyType(
    {
        Presence.ONLINE: Text(zh="在线", en="online"),
        Presence.OFFLINE: Text(zh="已关机", en="switched off"),
        Presence.LOST: Text(zh="没有联系", en="no contact"),
    }
)
PAPERS = MappingProxyType(
    {
        PaperState.OK: Text(zh="有纸", en="paper"),
        PaperState.LOW: Text(zh="纸将用完", en="paper low"),
        PaperState.OUT: Text(zh="缺纸", en="no paper"),
    }
)
KINDS = MappingProxyType(
    {
        DeviceKind.KIOSK: Text(zh="取号机", en="Kiosk"),
        DeviceKind.DISPLAY: Text(zh="大屏或窗口屏", en="Hall screen or sign"),
        DeviceKind.WINDOW: Text(zh="窗口面板", en="Panel of a window"),
        DeviceKind.MONITOR: Text(zh="监测程序", en="Monitoring program"),
    }
)


def period(length: timedelta) -> Text:
    """Return a period in its largest unit: ``3 天``, ``5 小时``, ``12 分钟``."""
    minutes = int(length.total_seconds() // 60)
    for size, zh, en in ((24 * 60, "天", "d"), (60, "小时", "h")):
        if minutes >= size:
            return Text(zh=f"{minutes // size} {zh}", en=f"{minutes // size} {en}")
    return Text(zh=f"{max(0, minutes)} 分钟", en=f"{max(0, minutes)} min")


def disk(megabytes: int) -> Text:
    """Return free space: ``9.5 GB``, ``120 MB``."""
    shown = f"{megabytes / 1000:.1f}\N{NO-BREAK SPACE}GB" if megabytes >= 1000 else f"{megabytes}\N{NO-BREAK SPACE}MB"
    return Text(zh=shown, en=shown)


def temperature(degrees: float) -> Text:
    """Return a temperature."""
    return Text(zh=f"{degrees:.0f}\N{NO-BREAK SPACE}°C", en=f"{degrees:.0f}\N{NO-BREAK SPACE}°C")


def clock_offset(seconds: float) -> Text:
    """Return how a clock goes: right within two seconds."""
    if abs(seconds) < 2:
        return Text(zh="准", en="right")
    length = f"{abs(seconds):.0f}"
    if seconds > 0:
        return Text(zh=f"快 {length} 秒", en=f"{length} s ahead")
    return Text(zh=f"慢 {length} 秒", en=f"{length} s behind")
