"""The texts of the visitors' pages; waits and people ahead are worded in ``protocol.text``."""

from __future__ import annotations

from types import MappingProxyType

from protocol.text.window_names import window_name
from protocol.vocabulary import Text, TicketState

WAITING = Text(zh="等候中", en="Waiting")
BRING = Text(zh="请带齐以下材料", en="Please bring all of these")

ENDED = MappingProxyType(
    {
        TicketState.FINISHED: (
            Text(zh="已办结", en="Finished"),
            Text(zh="您的业务已经办完，谢谢。", en="Your business is done. Thank you."),
        ),
        TicketState.CANCELLED: (
            Text(zh="已取消", en="Cancelled"),
            Text(
                zh="这个号码不再有效。如需办理，请重新取号。",
                en="This number is no longer valid. Please take a new one.",
            ),
        ),
        TicketState.PARKED: (
            Text(zh="已挂起", en="Set aside"),
            Text(zh="您的位置已保留，请咨询工作人员。", en="Your place is kept. Please ask the staff."),
        ),
        TicketState.REFERRED: (
            Text(zh="已转到其他大厅", en="Sent to another hall"),
            Text(zh="请看您的票，或咨询工作人员。", en="Please see your paper, or ask the staff."),
        ),
    }
)
"""Title and text of the states in which a visitor waits for nothing on this page."""
ASSUMED_FINISHED = (
    Text(zh="窗口已叫下一位", en="Your window has called the next number"),
    Text(
        zh="系统推定您的业务已经办完。还没有办？请告诉工作人员：您的号码今天一直有效。",
        en="So your business is taken to be done. Not served yet? Tell the staff: your number stays valid today.",
    ),
)
EXPIRED = (
    Text(zh="号码已过期", en="This number has expired"),
    Text(zh="这是以前某天的号码。如需办理，请重新取号。", en="It is from an earlier day. Please take a new number."),
)
NO_SHOW = Text(zh="已过号", en="You missed your call")
ASSUMED_NO_SHOW = Text(zh="叫过您了", en="You were called")
NOT_ARRIVED = (
    Text(zh="位置已不保留", en="Your place is no longer kept"),
    Text(
        zh="您没有在保留的时间内报到。请到取号机报到或告诉工作人员：可以按过号回队的规则排队。",
        en="You did not check in while your place was kept. Check in at the kiosk or tell the staff: "
        "you can come back into the queue by the rule for missed calls.",
    ),
)

NO_TICKET = Text(zh="没有这张票", en="There is no such ticket")
SCAN_AGAIN = Text(
    zh="请再扫一次票上的二维码，或咨询工作人员。", en="Please scan the code on your ticket again, or ask the staff."
)
UNCHANGED = Text(zh="您的位置没有变", en="Your place has not changed")
BACK = Text(zh="回到我的号码", en="Back to my number")
OFFER_GONE = Text(zh="这个建议已失效。", en="This offer is no longer valid.")

SOONER_ELSEWHERE = Text(zh="另一处更快", en="Sooner at another hall")
STAY_HERE = Text(zh="留在这里", en="Stay here")
KEPT_HERE = Text(
    zh="那里给您号码以前，您在这里的位置一直保留。",
    en="Your place here is kept until that hall has given you a number.",
)
GO_HERE = Text(zh="请去这里", en="Please go here")
ON_THE_WAY = Text(zh="在途", en="On the way")
CHECK_IN = Text(
    zh="到了以后请先报到：在取号机上扫描票上的二维码，或输入号码，也可以找工作人员。",
    en="Check in when you arrive: scan your paper at the kiosk, type your number there, or ask the staff.",
)
ENDS_BY_ITSELF = Text(
    zh="不去了？什么也不用做：到时没有报到，那边的位置自动取消。想在这里办，请重新取号。",
    en="Changed your mind? Nothing to do: if you have not checked in by then, the place there ends by itself. "
    "To be served here after all, please take a new number.",
)
TIME_OVER = Text(zh="报到时间已过", en="The time to check in is over")
IF_CHECKED_IN = Text(
    zh="报到过了？请看那里的大屏、听广播。没有报到？请到那里的取号机报到，或告诉那里的工作人员。想在这里办，请重新取号。",
    en="Checked in? Watch the screen there and listen. Not yet? Check in at the kiosk there, or tell its staff. "
    "To be served here after all, please take a new number.",
)
CHECKED_IN = Text(zh="已报到，等候中", en="Checked in, waiting")
WATCH_THERE = Text(zh="请看那里的大屏、听广播。", en="Watch the screen there and listen.")
CALLED_THERE = Text(zh="叫过您了。请告诉那里的工作人员。", en="You were called. Please tell the staff there.")
ENDED_THERE = Text(zh="在那里已结束", en="Ended there")
NEW_NUMBER = Text(
    zh="这个号码不再排队。如需办理，请重新取号。", en="This number no longer waits. If need be, take a new one."
)
PAGE_THERE = Text(zh="打开我在那里的页面", en="Open my page there")
NOT_COMING = Text(
    zh="不来了？到时没有报到，位置自动取消。",
    en="Not coming? If you have not checked in by then, your place ends by itself.",
)

CANCEL_NOW = Text(zh="不来了，现在就取消", en="I am not coming: cancel now")
CANCEL_QUESTION = Text(zh="要取消这个号码吗？", en="Cancel this number?")
CANCEL_IS_FINAL = Text(
    zh="取消后不能恢复，以后要办请重新取号。", en="It cannot be undone. Later you would take a new number."
)
CANCEL = Text(zh="取消号码", en="Cancel the number")
KEEP = Text(zh="不取消，我还要去", en="Keep it, I am coming")
NOT_CANCELLED = Text(zh="没有取消", en="Nothing was cancelled")


def wait_in(area: Text) -> Text:
    """Return where to wait."""
    return Text(zh=f"请在 {area.zh} 等候，留意大屏和广播", en=f"Please wait in {area.en} and watch the screen")


def go_to_window(label: str) -> Text:
    """Return the call to a window."""
    name = window_name(label)
    return Text(zh=f"请到 {name.zh}", en=f"Please go to {name.en}")


def served_at_window(label: str) -> Text:
    """Return at which window the visitor is served."""
    name = window_name(label)
    return Text(zh=f"正在 {name.zh}办理", en=f"Being served at {name.en}")


def missed_call(number: str) -> Text:
    """Return what a missed call means where nobody returns to the queue."""
    return Text(
        zh=f"叫到 {number} 时您不在窗口。请告诉工作人员或重新取号。",
        en=f"{number} was called and nobody came. Please tell the staff or take a new number.",
    )


def missed_call_can_return(number: str, behind: int) -> Text:
    """Return how a visitor returns to the queue after a missed call, behind so many people of the same service."""
    return Text(
        zh=f"叫到 {number} 时您不在窗口。请告诉工作人员：回队后排在同类事项的 {behind} 人之后。",
        en=f"{number} was called and nobody came. Tell the staff: "
        f"you can come back into the queue, behind {behind} others of your service.",
    )


def called_before(number: str, label: str) -> Text:
    """Return what a visitor does whose window has called the next number although the visitor may be on the way."""
    name = window_name(label)
    return Text(
        zh=f"叫过 {number}，窗口又叫了下一位。还没有办？请到 {name.zh}或告诉工作人员：您的位置保留。",
        en=f"{number} was called, then the next number. Not served yet? "
        f"Go to {name.en} or tell the staff: your place is kept.",
    )


def refreshed(time: str, every_s: int) -> Text:
    """Return of which local time the page is and how often it refreshes."""
    return Text(zh=f"更新于 {time}，每 {every_s} 秒自动更新", en=f"As of {time}, refreshes every {every_s} seconds")


def travel_included(travel_min: int) -> Text:
    """Return that the wait at the other site includes the travel."""
    return Text(zh=f"已算上路上约 {travel_min} 分钟", en=f"The way of about {travel_min} minutes is included")


def go_to_site(name: Text) -> Text:
    """Return the text on the button that accepts an offer."""
    return Text(zh=f"改去{name.zh}", en=f"Go to {name.en}")


def number_there(number: str) -> Text:
    """Return the visitor's number at the other site."""
    return Text(zh=f"{number} 是您在那里的号码", en=f"{number} is your number there")


def waiting_area(area: Text) -> Text:
    """Return where to wait at the other site."""
    return Text(zh=f"等候区：{area.zh}", en=f"Wait in {area.en}")


def check_in_before(time: str) -> Text:
    """Return until which local time a place is kept."""
    return Text(zh=f"请在 {time} 前报到，位置保留到那时", en=f"Check in before {time}: your place is kept until then")
