"""What a kiosk says of the paper of a number: that it comes, or what a visitor does when it does not."""

from __future__ import annotations

from hardware.printer.printer_faults import PrinterFault
from protocol.vocabulary import PrintOutcome, Text

PRINTING = Text(zh="正在打印小票…", en="Printing your ticket…")
PRINTED = Text(zh="请取走小票", en="Please take your ticket")
PRINT_AGAIN = Text(zh="再打印一次", en="Print again")
_NOT_PRINTED = Text(zh="小票没有打印出来", en="The ticket was not printed")
REPRINT_LATER = Text(
    zh="现在联系不上服务器，不能补打；请先拍照，稍后再试。",
    en="The server cannot be reached, so nothing was printed. Please take a photo and try again later.",
)


def missing(number: str) -> Text:
    """What a visitor does when the paper did not come, and nobody knows why."""
    return _trouble(_NOT_PRINTED, number)


def unsure(number: str, *, again: bool = True) -> Text:
    """What a visitor does when the printer never says whether the paper came; ``again``: it can print once more."""
    zh, en = ("，也可以再打印一次", ", or print again") if again else ("", " or take a photo")
    return Text(
        zh=f"请取走小票。没有出票？您的号码是 {number}，请记下或拍照{zh}。",
        en=f"Please take your ticket. None there? Your number is {number}: note it down{en}.",
    )


def advice(fault: PrinterFault | None, *, outcome: PrintOutcome, number: str, again: bool = True) -> Text | None:
    """What a visitor does after a print job that ended so; None when the paper is there."""
    if outcome is PrintOutcome.PRINTED:
        return None
    if fault is PrinterFault.NONE_FITTED:
        return Text(
            zh=f"本机不打印小票。您的号码是 {number}，请记下或拍照。",
            en=f"This machine prints no tickets. Your number is {number}: please note it down or take a photo.",
        )
    if outcome is PrintOutcome.UNKNOWN:
        return unsure(number, again=again)
    return _trouble(_reason(fault), number)


def _reason(fault: PrinterFault | None) -> Text:
    """Why there is no paper, for a visitor; staff read the fault's own sentence on the device's status."""
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
        zh=f"{reason.zh}，您的号码是 {number}，请记下或拍照；工作人员马上来。",
        en=f"{reason.en}. Your number is {number}: please note it down or take a photo. The staff are coming.",
    )
