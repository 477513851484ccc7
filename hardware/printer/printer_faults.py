"""What can be wrong with a ticket printer, each with a sentence for the hall that gives the next step."""

from __future__ import annotations

from enum import StrEnum

from protocol.vocabulary import Text


class PrinterFault(StrEnum):
    """A reason why paper does not come out, or why nobody knows."""

    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    CUTTER_STUCK = "cutter_stuck"
    BROKEN = "broken"
    UNPLUGGED = "unplugged"
    LOST = "lost"
    MUTE = "mute"
    SLOW = "slow"
    BUSY = "busy"
    NOT_ALLOWED = "not_allowed"
    NO_DRIVER = "no_driver"
    TOO_WIDE = "too_wide"
    NONE_FITTED = "none_fitted"

    @property
    def text(self) -> Text:
        """What happened and the next step, for the hall's staff."""
        return Text(zh=_SENTENCES[self][0], en=_SENTENCES[self][1])


_SENTENCES = {
    PrinterFault.PAPER_OUT: ("打印机缺纸，请更换纸卷", "The printer is out of paper: put in a new roll"),
    PrinterFault.COVER_OPEN: ("打印机盖未合上，请按紧盖子", "The printer's cover is open: press it shut"),
    PrinterFault.CUTTER_STUCK: (
        "打印机切刀卡住，请开盖取出纸屑后重新开机",
        "The printer's cutter is stuck: open the cover, remove the paper, switch it off and on",
    ),
    PrinterFault.BROKEN: (
        "打印机报告故障，请关机再开机；仍不行请报修",
        "The printer reports an error: switch it off and on; if that does not help, have it repaired",
    ),
    PrinterFault.UNPLUGGED: (
        "连接不上打印机，请检查电源、数据线，以及它是否正被另一台电脑占用",
        "The printer cannot be reached: check its power and its cable, and whether another computer is using it",
    ),
    PrinterFault.LOST: (
        "打印中途与打印机断开，请检查电源和数据线后补打",
        "The printer was lost while printing: check its power and its cable, then reprint",
    ),
    PrinterFault.MUTE: (
        "打印机没有回答，不能确定是否已出票；请看出纸口，没有票请补打",
        "The printer did not answer, so the ticket may be missing: look at the paper slot and reprint if it is empty",
    ),
    PrinterFault.SLOW: (
        "打印机没有收完数据，票不完整；请检查纸、盖子和连接后补打",
        "The printer took only a part of the ticket: check its paper, its cover and its cable, then reprint",
    ),
    PrinterFault.BUSY: (
        "打印机正忙：正在打印另一张票，或正被另一台电脑占用；请看一下纸和盖子，稍后补打",
        "The printer is busy with another ticket or computer: check its paper and cover, reprint in a moment",
    ),
    PrinterFault.NOT_ALLOWED: (
        "没有使用打印机的权限，请技术员把服务用户加入 lp 组",
        "The program may not use the printer: a technician adds its user to the group lp",
    ),
    PrinterFault.NO_DRIVER: (
        "缺少打印机驱动程序库，请技术员安装 libusb-1.0-0",
        "A library for the printer is missing: a technician installs libusb-1.0-0",
    ),
    PrinterFault.TOO_WIDE: (
        "票面比纸宽，请技术员检查设置中的 paper_mm",
        "The ticket is wider than the paper: a technician checks paper_mm in the settings",
    ),
    PrinterFault.NONE_FITTED: (
        "本机不打印纸票，请记下或拍下您的号码",
        "This machine prints no paper: please note or photograph your number",
    ),
}
