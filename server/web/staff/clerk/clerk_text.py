"""The texts of the clerk's page."""

from __future__ import annotations

from types import MappingProxyType

from protocol.text.window_names import bare_label, window_name
from protocol.vocabulary import Text, WindowAction

KEYS = MappingProxyType(
    {
        WindowAction.CALL_NEXT: Text(zh="呼叫下一位", en="Call next"),
        WindowAction.OPEN: Text(zh="开始服务", en="Open the window"),
        WindowAction.RECALL: Text(zh="重呼", en="Recall"),
        WindowAction.START: Text(zh="开始办理", en="Start"),
        WindowAction.FINISH: Text(zh="办结", en="Finish"),
        WindowAction.NO_SHOW: Text(zh="过号", en="No-show"),
        WindowAction.CONFIRM_SERVED: Text(zh="来过，已办完", en="Came and was served"),
        WindowAction.CONFIRM_ABSENT: Text(zh="没来", en="Did not come"),
        WindowAction.TRANSFER: Text(zh="转办", en="Transfer"),
        WindowAction.PAUSE: Text(zh="暂停", en="Pause"),
        WindowAction.CLOSE: Text(zh="关闭窗口", en="Close"),
    }
)
TITLE = Text(zh="窗口叫号", en="Clerk")
CHOOSE_WINDOW = Text(zh="您在哪个窗口？", en="Which window are you at?")
OTHER_WINDOW = Text(zh="换窗口", en="Other window")
MANAGER = Text(zh="管理页", en="Manager")
LEAVE = Text(zh="退出", en="Log out")
NOBODY = Text(zh="窗口没有号码", en="Nobody at the window")
WAITING = Text(zh="等候", en="Waiting")
MISSED = Text(zh="已过号", en="Missed their call")
ASSUMED_SERVED = Text(zh="推定已办结（没有按“开始办理”）", en="Assumed served (start not pressed)")
TRAVELLING = Text(zh="在途（其他大厅转来）", en="On the way from other halls")
CHECK_IN = Text(zh="到达报到", en="Check in")
NONE = Text(zh="没有", en="None")
CALL = Text(zh="呼叫", en="Call")
TYPED_NUMBER = Text(zh="号码，例如 A017", en="Number, such as A017")
ASSUMED = Text(zh="推定", en="assumed")
RETURN_TO_QUEUE = Text(zh="回队", en="Back in queue")
CANCEL = Text(zh="取消", en="Cancel")
ISSUED = Text(zh="取号", en="issued")
SINCE = Text(zh="自", en="since")
ISSUE = Text(zh="代取号", en="Take a number")
SERVICE = Text(zh="事项", en="Service")
PRIORITY = Text(zh="优先类别", en="Priority")
NO_PRIORITY = Text(zh="无", en="None")
ISSUE_NOW = Text(zh="取号", en="Take the number")
VISITORS_LANGUAGE = Text(zh="来访者的语言", en="Visitor's language")
TRANSFER_TO = Text(zh="转到哪个事项？", en="Transfer to which service?")
SEARCH_SERVICE = Text(zh="查找：事项或窗口", en="Search: service or window")
TICKET_PAGE = Text(zh="打开这张票的页面", en="Open the ticket's page")
ISSUED_NOW = Text(zh="已取号", en="The number is")
CANCEL_QUESTION = Text(zh="取消这个号码？取消后不能恢复。", en="Cancel this number? This cannot be undone.")
CANCEL_IT = Text(zh="取消号码", en="Cancel the number")


def window(label: str) -> Text:
    """Return a window's name from its label."""
    return Text(zh=window_name(label).zh, en=f"Window {bare_label(label)}")


def in_doubt(number: str) -> Text:
    """Return the question whether the visitor called before came."""
    return Text(
        zh=f"{number} 叫号后没有按“开始办理”就叫了下一位。{number} 来过吗？",
        en=f"The next number was called before {number} was started. Did {number} come?",
    )


def next_call(reason: Text) -> Text:
    """Return whom the next call would be for, and why."""
    return Text(zh=f"下一位：{reason.zh}", en=f"Next: {reason.en}")
