"""The texts of the manager's page."""

from __future__ import annotations

from protocol.vocabulary import Text

NOW = Text(zh="现在", en="Now")
WAITING = Text(zh="正在等候（人）", en="Waiting (people)")
LONGEST = Text(zh="最长等候（分钟）", en="Longest wait (minutes)")
OPEN_WINDOWS = Text(zh="开放窗口", en="Open windows")
ISSUED = Text(zh="今日取号", en="Issued today")
SERVED = Text(zh="今日办结", en="Served today")
VOICE = Text(zh="语音落后（秒，近 10 分钟）", en="Voice behind (s, last 10 min)")
WINDOWS = Text(zh="窗口", en="Windows")
WINDOW = Text(zh="窗口", en="Window")
STATE = Text(zh="状态", en="State")
NUMBER = Text(zh="号码", en="Number")
SINCE = Text(zh="已用（分钟）", en="For (minutes)")
CAN_CALL = Text(zh="可叫（人）", en="Can call (people)")
SERVICES = Text(zh="事项", en="Services")
SERVICE = Text(zh="事项", en="Service")
WAITING_NOW = Text(zh="等候（人）", en="Waiting (people)")
PROMISED_NOW = Text(zh="现在取号要等", en="A number taken now waits")
DEVICES = Text(zh="设备", en="Devices")
NO_FAULTS = Text(zh="设备都正常。", en="All devices are well.")
NO_DEVICES = Text(zh="还没有登记设备。", en="No device is enrolled yet.")
NOTICE = Text(zh="大屏通知", en="Notice on the screens")
NOTICE_ZH = Text(zh="中文", en="Chinese")
NOTICE_EN = Text(zh="英文", en="English")
SHOW_NOTICE = Text(zh="显示", en="Show")
REMOVE_NOTICE = Text(zh="撤下", en="Take away")
NOTICE_SHOWN = Text(zh="大屏现在显示这条通知。", en="The screens show it now.")
NOTICE_REMOVED = Text(zh="大屏上没有通知了。", en="The screens show no notice now.")
STATISTICS = Text(zh="等候统计", en="Waits")
DAY = Text(zh="日期", en="Day")
TODAY = Text(zh="今天", en="today")
CSV = Text(zh="下载 CSV", en="Download CSV")
CLERK = Text(zh="窗口叫号", en="Clerk's page")
LEAVE = Text(zh="退出", en="Log out")
EXPLAINED = Text(
    zh="等候 = 取号到第一次叫号（按窗口：到该窗口每次叫号），零等候也计入。办理 = 开始到办结，只计按了“开始办理”的。"
    "P80：五人中有四人等候不超过此值；P90：十人中有九人。取消也包括当天结束时还没叫到的号码。"
    "仍在等候的人不在等候数据里。限时内 = 等候不超过该事项时限的比例。走位 = 叫号到开始。推定 = 没有人按“开始办理”，"
    "按下一次叫号的时间推定办结或未到。",
    en="Wait = issue to first call (by window: to each call there), zero waits count. Serving = start to finish, only "
    "where start was pressed. P80: four of five waited no longer; P90: nine of ten. Cancelled includes numbers not "
    "called by the end of the day. Those still waiting are not in the waits. Within limit = share of waits within the "
    "limit of the service. Walking = call to start. Assumed = nobody pressed start; by the time of the next call the "
    "visit counts as served, or the visitor as absent.",
)
ADD_DEVICE = Text(zh="添加设备", en="Add a device")
DEVICE_NAME = Text(zh="设备名", en="Name of the device")
DEVICE_KIND = Text(zh="种类", en="Kind")
PANEL_WINDOWS = Text(zh="管哪些窗口", en="Its windows")
SHOW_CODE = Text(zh="显示登记码", en="Show the code")
ON_THE_DEVICE = Text(zh="在新设备上运行：", en="Run on the new device:")
NO_WINDOW_CHOSEN = Text(zh="请选择这个面板管的窗口。", en="Please choose the windows of this panel.")
CODE_IS_OVER = Text(
    zh="登记码已失效（过期，或输错次数太多）：请重新显示。",
    en="The code has ended (too old, or tried wrongly too often): show a new one.",
)
EMPTY = Text(zh="这一天还没有数据。", en="There are no figures for this day yet.")


def to_announce(count: int) -> Text:
    """Return how many calls wait to be announced."""
    return Text(zh=f"{count} 个待播报", en=f"{count} to be announced")


def at_most(label: Text, length: int) -> Text:
    """Return the label of a field that takes so many characters."""
    return Text(zh=f"{label.zh}（最多 {length} 字）", en=f"{label.en} (at most {length} characters)")


def notice_too_long(length: int, most: int) -> Text:
    """Return why a notice is not shown."""
    return Text(
        zh=f"通知太长：有 {length} 个字，最多 {most} 个。请缩短，大屏没有改动。",
        en=f"The notice is too long: {length} characters of at most {most}. Please shorten it. "
        "The screens are unchanged.",
    )


def as_of(day: str, time: str) -> Text:
    """Return which day figures are of and the time they are from."""
    return Text(zh=f"{day} 的数据，统计于 {time}", en=f"Figures of {day}, as of {time}")


def good_for(seconds: int) -> Text:
    """Return how long a code is still good."""
    left = f"{seconds // 60}:{seconds % 60:02d}"
    return Text(zh=f"还有 {left} 有效，只能用一次", en=f"Good once, for {left}")


def enrolled(device: str) -> Text:
    """Return that a device has used its code."""
    return Text(zh=f"{device} 已登记。", en=f"{device} is enrolled.")
