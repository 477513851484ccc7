"""All texts of the kiosk, Chinese and English. A sentence states what the visitor does next."""

from __future__ import annotations

from collections.abc import Sequence

from hardware.printer.printer_faults import PrinterFault
from protocol.answers import OtherSite
from protocol.text import waits
from protocol.text.dates import month_and_day
from protocol.vocabulary import PrintOutcome, Promise, Text

# ------------------------------------------------------------------------------------------------ on every page
TO_ENGLISH = Text(zh="English", en="中文")
LARGE_TEXT = Text(zh="大字", en="Large text")
NORMAL_TEXT = Text(zh="标准字", en="Normal text")
BACK = Text(zh="‹ 返回", en="‹ Back")
HELP = Text(zh="求助", en="Help")
STEPS = (
    Text(zh="选部门", en="Department"),
    Text(zh="选事项", en="Service"),
    Text(zh="取号", en="Number"),
)

# ------------------------------------------------------------------------------------------------------- welcome
WELCOME = Text(zh="您好，请先取号", en="Welcome. Please take a number first")
START = Text(zh="取号", en="Take a number")
HOURS = Text(zh="开放时间", en="Opening hours")

# ------------------------------------------------------------------------------------------------------ choosing
WHICH_DEPARTMENT = Text(zh="您要找哪个部门？", en="Which department do you need?")
WHICH_SERVICE = Text(zh="您要办什么？", en="What do you need today?")
WHICH_LETTER = Text(zh="名称的拼音首字母是？", en="What letter does its name begin with?")
BY_LETTER = Text(zh="按拼音首字母找", en="Find by first letter")
PREVIOUS = Text(zh="‹ 上一页", en="‹ Previous")
NEXT = Text(zh="下一页 ›", en="Next ›")
NO_ONE_WAITS = Text(zh="无人等候", en="No one waiting")
NOT_TODAY = Text(zh="现在不办理", en="Not available now")
WHICH_PRIORITY = Text(zh="您属于哪一类？", en="Which of these are you?")
NO_PRIORITY = Text(zh="普通取号", en="None of these")
PRIORITY_PROOF = Text(zh="办理时请向窗口出示证件", en="Please show your card at the window")

# ------------------------------------------------------------------------------------------------------- confirm
ISSUE_HERE = Text(zh="在这里取号", en="Take a number here")
AHEAD = Text(zh="前面还有", en="People ahead of you")
EXPECTED = Text(zh="预计等候", en="Expected wait")
BRING = Text(zh="请带齐", en="Please have with you")
BRING_NOTHING = Text(zh="没有列出要带的材料", en="No documents are listed")
PRIORITY = Text(zh="优先取号", en="Priority visitors")
CALLED_EARLIER = Text(zh="提前叫号", en="Called earlier")

# ----------------------------------------------------------------------------------------------- issuing, refused
ISSUING = Text(zh="正在取号，请稍等…", en="Getting your number, one moment…")
REFUSED = Text(zh="没有取到号", en="No number was issued")
NOT_OFFERED = Text(
    zh="这个事项现在没有窗口办理，请到咨询台问工作人员。",
    en="No window takes this service now. Please ask the staff at the information desk.",
)

# -------------------------------------------------------------------------------------------------------- number
YOUR_NUMBER = Text(zh="您的号码", en="Your number")
SCAN = Text(zh="扫一扫，用手机看还有几人", en="Scan to follow the queue on your phone")
DONE = Text(zh="我知道了", en="Done")

# ---------------------------------------------------------------------------------------- an offer of another site
QUICKER_THERE = Text(zh="另一处更快，由您选择", en="Another hall is quicker. You choose")
IN_THIS_HALL = Text(zh="就在本大厅", en="Here in this hall")
FROM_NOW = Text(zh="从现在到叫号", en="Until you are called")
YOU_ARE_HERE = Text(zh="您在这里", en="You are here")
YOU_GO_HERE = Text(zh="去这里", en="Go here")
RESERVING = Text(zh="正在为您预留…", en="Keeping a place for you…")
NO_PLACE = Text(zh="那边暂时留不了号", en="No place could be kept there")
NO_ANSWER_THERE = Text(zh="对方大厅没有及时答复", en="The other hall did not answer in time")
ARROW = "▶"
KEPT_UNTIL = Text(zh="号码保留到", en="Kept for you until")
NUMBER_THERE = Text(zh="您在那边的号码", en="Your number there")

# -------------------------------------------------------------------------------------------------------- check-in
_READABLE = 8
"""Length up to which a scanned code is a number that people can read, characters."""
CHECK_IN = Text(zh="别处转来的，请在这里报到", en="Sent here by another hall? Check in")
CHECK_IN_TITLE = Text(zh="请扫小票上的二维码，或输入号码", en="Scan the code on your ticket, or put in your number")
ERASE = Text(zh="退格", en="Erase")
TYPE_AGAIN = Text(zh="再输一次", en="Try again")
CHECK_IN_NOW = Text(zh="报到", en="Check in")
CHECKING_IN = Text(zh="正在报到，请稍等…", en="Checking you in, one moment…")
CHECKED_IN = Text(zh="已报到", en="Checked in")
NOT_CHECKED_IN = Text(zh="还没有报到", en="Not checked in yet")
WATCH = Text(zh="请看大屏、听广播", en="Watch the screen and listen")

# ------------------------------------------------------------------------------------------- help, staff, closed
HELP_TITLE = Text(zh="需要帮助吗？", en="Do you need help?")
HARD_TO_READ = Text(zh="看不清？请按右上角的“大字”。", en="Hard to read? Touch Large text at the top right.")
HELP_LINES = (
    Text(zh="请到咨询台，工作人员会帮您取号。", en="Go to the information desk; the staff will take a number for you."),
    Text(zh="不知道选什么？先选部门，再选要办的事。", en="Not sure? Choose the department first, then the service."),
    HARD_TO_READ,
    Text(
        zh="取号后请看大屏、听广播，叫到您的号再去窗口。",
        en="Then watch the screen and listen; go to the window when your number is called.",
    ),
)
STAFF = Text(zh="请咨询工作人员", en="Please ask the staff")
STAFF_WHY = Text(
    zh="取号机暂时连不上，工作人员会帮您取号。恢复后本页会自动返回。",
    en="This machine is not connected at the moment. The staff will help you; it comes back by itself.",
)
STAFF_UNANSWERED = Text(
    zh="刚才的取号没有得到答复。请再试一次，不会重复取号；或请咨询工作人员。",
    en="Your request was not answered. Try again, you will not get two numbers; or ask the staff.",
)
CHECK_IN_UNANSWERED = Text(
    zh="刚才的报到没有得到答复。请再试一次，或请咨询工作人员。",
    en="Your check-in was not answered. Please try again, or ask the staff.",
)
TRY_AGAIN = Text(zh="再试一次", en="Try again")
CLOSED = Text(zh="现在不是办公时间", en="We are closed now")

STILL_HERE = Text(zh="还在吗？", en="Are you still there?")
I_AM_HERE = Text(zh="我还在", en="Yes, I am here")

# --------------------------------------------------------------------------------------------------------- paper
PRINTING = Text(zh="正在打印小票…", en="Printing your ticket…")
PRINTED = Text(zh="请取走小票", en="Please take your ticket")
PRINT_AGAIN = Text(zh="再打印一次", en="Print again")
_NOT_PRINTED = Text(zh="小票没有打印出来", en="The ticket was not printed")
REPRINT_LATER = Text(
    zh="现在联系不上服务器，不能补打；请先拍照，稍后再试。",
    en="The server cannot be reached, so nothing was printed. Please take a photo and try again later.",
)


def waiting(count: int) -> Text:
    """Return how many people wait, for a tile."""
    if count == 0:
        return NO_ONE_WAITS
    return Text(zh=f"{count} 人等候", en=f"{count} waiting")


def people(count: int | None) -> Text:
    """Return a count of people, for large type; None is unknown."""
    if count is None:
        return waits.UNKNOWN_WAIT
    return Text(zh=f"{count} 人", en=f"{count}")


def wait_in(area: Text) -> Text:
    """Return where to wait."""
    return Text(zh=f"请到 {area.zh} 等候", en=f"Please wait in {area.en}")


def page_of(index: int, count: int) -> str:
    """Return which page of a list is shown, counted from 1."""
    return f"{index + 1} / {count}"


def opens_at(at: str) -> Text:
    """Return when the hall opens again: ``at`` is ``HH:MM``, with ``MM-DD`` before it when that is not today."""
    day, _, time = at.rpartition(" ")
    if not day:
        return Text(zh=f"{time} 开始取号", en=f"Numbers are issued from {time}")
    month, number = map(int, day.split("-"))
    date = month_and_day(month=month, day=number)
    return Text(zh=f"{date.zh} {time} 开始取号", en=f"Numbers are issued from {date.en}, {time}")


def countdown(seconds: int) -> Text:
    """Return what happens when nobody touches the screen."""
    return Text(zh=f"{seconds} 秒后回到首页", en=f"Back to the start in {seconds} s")


def all_materials(count: int) -> Text:
    """Return the text of the button that opens the whole list of what to bring."""
    return Text(zh=f"看全部 {count} 项材料 ›", en=f"See all {count} documents ›")


def chosen_priority(name: Text) -> Text:
    """Return the chosen protected class."""
    return Text(zh=f"优先：{name.zh}", en=f"Priority: {name.en}")


def ahead_on_tile(people_ahead: int | None, promise: Promise | None) -> Text:
    """Return what a tile says of the wait: that the day may be over first, or how many people are ahead."""
    note = waits.closing_note(promise)
    if note is not None:
        return note
    return waits.expected_wait(None) if people_ahead is None else waits.people_ahead(people_ahead)


def ahead_in_short(people_ahead: int | None, promise: Promise | None) -> Text:
    """Return people ahead and the expected wait, on one line; only the wait where the people are not known."""
    wait = waits.expected_wait(promise)
    if people_ahead is None:
        return wait
    people = waits.people_ahead(people_ahead)
    return Text(zh=f"{people.zh} · {wait.zh}", en=f"{people.en} · {wait.en[:1].lower()}{wait.en[1:]}")


def accept_offer_at(site: OtherSite) -> Text:
    """Return the text of the button that accepts an offer."""
    return Text(zh=f"去{site.name.zh}取号", en=f"Take a number at {site.name.en}")


def on_the_way(site: OtherSite) -> Text:
    """Return the travel time."""
    return Text(zh=f"路上约 {site.travel_min} 分钟", en=f"about {site.travel_min} min")


def please_go(site: OtherSite) -> Text:
    """Return where the visitor goes now."""
    return Text(zh=f"请到 {site.name.zh}", en=f"Please go to {site.name.en}")


def check_in_there(number: str, *, with_paper: bool) -> Text:
    """Return what to do at the other site first; without paper the number alone is enough."""
    if with_paper:
        return Text(
            zh=f"到了先在取号机报到：扫码，或输入号码 {number}",
            en=f"Check in at the kiosk there: scan the code, or type {number}",
        )
    return Text(
        zh=f"没有小票？到了在取号机上输入号码 {number} 报到，或扫您拍下的这个码",
        en=f"No ticket? Check in at the kiosk there: type {number}, or scan your photo of this code",
    )


def from_now_with_travel(site: OtherSite) -> Text:
    """Return what the other site's range counts."""
    return Text(
        zh=f"{FROM_NOW.zh}，含路上 {site.travel_min} 分钟",
        en=f"Until you are called, {site.travel_min} min of travel included",
    )


def number_like(example: str) -> Text:
    """Return an example of a number."""
    return Text(zh=f"号码，如 {example}", en=f"Number, such as {example}")


def in_short(materials: Sequence[Text]) -> Text:
    """Return what to bring, one after the other."""
    return Text(
        zh=f"{BRING.zh}：" + " · ".join(name.zh for name in materials),
        en=f"{BRING.en}: " + " · ".join(name.en for name in materials),
    )


def then_here(reason: Text) -> Text:
    """Return why there is no place at the other site, and what to do instead."""
    zh, en = reason.zh.rstrip("。"), reason.en.rstrip(".")
    return Text(
        zh=f"{zh}。请在这里取号，不用重新选择。",
        en=f"{en[:1].upper()}{en[1:]}. Please take your number here.",
    )


def not_expected(code: str) -> Text:
    """Return that nobody with this number is expected here; a scanned code that people cannot read is left out."""
    number = f" {code}" if len(code) <= _READABLE else ""
    return Text(
        zh=f"没有找到转到这里的号码{number}，请核对小票上的地点和号码，或到咨询台问工作人员。",
        en=f"Number{number} was not found here. Please check the place and number on your ticket, or ask the staff.",
    )


def paper_missing(number: str) -> Text:
    """Return what a visitor does when the paper is missing and nobody knows why."""
    return _trouble(_NOT_PRINTED, number)


def paper_unsure(number: str, *, again: bool = True) -> Text:
    """Return what a visitor does when the printer never reports; ``again``: it can print once more."""
    zh, en = ("，也可以再打印一次", ", or print again") if again else ("", " or take a photo")
    return Text(
        zh=f"请取走小票。没有出票？您的号码是 {number}，请记下或拍照{zh}。",
        en=f"Please take your ticket. None there? Your number is {number}: note it down{en}.",
    )


def paper_advice(fault: PrinterFault | None, *, outcome: PrintOutcome, number: str, again: bool = True) -> Text | None:
    """Return what a visitor does after a print job with this result; None when the paper is there."""
    if outcome is PrintOutcome.PRINTED:
        return None
    if fault is PrinterFault.NONE_FITTED:
        return Text(
            zh=f"本机不打印小票。您的号码是 {number}，请记下或拍照。",
            en=f"This machine prints no tickets. Your number is {number}: please note it down or take a photo.",
        )
    if outcome is PrintOutcome.UNKNOWN:
        return paper_unsure(number, again=again)
    return _trouble(_reason(fault), number)


def _reason(fault: PrinterFault | None) -> Text:
    """Return why there is no paper, for a visitor; staff read the fault's own sentence in the device's status."""
    match fault:
        case PrinterFault.PAPER_OUT:
            return Text(zh="打印机缺纸", en="The printer is out of paper")
        case PrinterFault.COVER_OPEN:
            return Text(zh="打印机的盖子没有合上", en="The printer's cover is open")
        case PrinterFault.UNPLUGGED | PrinterFault.LOST:
            return Text(zh="打印机没有连接好", en="The printer is not connected")
        case PrinterFault.SLOW:
            return Text(zh="小票没有打印完整", en="The ticket was not printed completely")
        case PrinterFault.BUSY:
            return Text(zh="打印机正忙", en="The printer is busy")
        case _:
            return _NOT_PRINTED


def _trouble(reason: Text, number: str) -> Text:
    return Text(
        zh=f"{reason.zh}，您的号码是 {number}，请记下或拍照，并告诉工作人员。",
        en=f"{reason.en}. Your number is {number}: please note it down or take a photo, and tell the staff.",
    )
