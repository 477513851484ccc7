"""The texts of the report on what balancing saved."""

from __future__ import annotations

from protocol.vocabulary import Text

WEEK = Text(zh="七天", en="Seven days")
SAVED = Text(zh="共节省（分钟）", en="Saved (minutes)")
HURT = Text(zh="反而等得更久（人）", en="Worse off (people)")
MISSED_SHORT = Text(zh="超出告知10分钟以上（人）", en="Called over 10 min late (people)")
OFFERS = Text(zh="收到提议（人）", en="Offered (people)")
STAYED_WAITED = Text(zh="留下的人实际等候（分钟）", en="Those who stayed waited (minutes)")
MEAN = Text(zh="平均", en="on average")
WORSE_OFF = Text(zh="前往后反而等得更久的人", en="Those for whom going took longer than staying was predicted to")
MISSED = Text(zh="比告知的时间晚10分钟以上被叫到的人", en="Those called more than 10 minutes after what they were told")
SENT = Text(zh="前往另一处的人", en="Those who went")
STAYED = Text(zh="留下的人", en="Those who stayed")
ACCEPTED = Text(zh="采纳的调窗建议", en="Accepted proposals")
CAME_TO_NOTHING = Text(zh="没有成行的", en="What came to nothing")
LEFT = Text(
    zh="既没接受也没谢绝（没看到、重新选择或离开）",
    en="neither taken up nor turned down (not seen, chosen anew or left)",
)
NOBODY_HURT = Text(zh="已叫到的人中没有。", en="None of those called.")
NONE_MISSED = Text(zh="没有。", en="None.")
NOBODY_SENT = Text(zh="没有人前往另一处。", en="Nobody went.")
NOBODY_STAYED = Text(zh="没有人谢绝。", en="Nobody turned an offer down.")
NONE_ACCEPTED = Text(zh="没有采纳建议。", en="No proposal was accepted.")
BEFORE = Text(zh="之前 P90（分）", en="P90 before (min)")
CSV = Text(zh="下载 CSV", en="Download CSV")
EXPLAINED = Text(
    zh="节省 = 提议时预计留下要等的时间（中位数）－ 从留位到在另一处被叫到的实际时间（含路程）。更久的人计为负数，"
    "一并相加。留下要等多久只是预计，没有人知道真的会怎样。还没有叫到的人不计入；另一处原有的人多等了多久也不计入。",
    en="Saved = what staying was predicted to take (median) less the actual time from the place being held to the call "
    "there, travel included. Those for whom it took longer count against the sum. What staying would have taken is a "
    "prediction: nobody knows. Those not yet called do not count, nor does what others there waited longer for those "
    "who came.",
)
UNREADABLE = Text(
    zh="报告暂时读不出来：服务器存储出错。请稍后再选一次，或告诉技术人员。",
    en="The report cannot be read now: the server's disk failed. Choose again later, or tell a technician.",
)


def judged(people: int) -> Text:
    """Return how many people a sum is taken over."""
    return Text(zh=f"{people} 人已叫到", en=f"{people} people called")


def lost(minutes: float) -> Text:
    """Return how much longer those waited in sum who were worse off."""
    return Text(zh=f"共多等 {minutes:.0f} 分钟", en=f"{minutes:.0f} minutes longer in all")


def of(people: int) -> Text:
    """Return the number of people that a count is a part of."""
    return Text(zh=f"共 {people} 人", en=f"of {people}")


def answers(went: int, stayed: int) -> Text:
    """Return how offers were answered."""
    return Text(zh=f"{went} 人前往，{stayed} 人留下", en=f"{went} went, {stayed} stayed")


def more(rows: int) -> Text:
    """Return how many rows are only in the file."""
    return Text(zh=f"更早的 {rows} 行在 CSV 里。", en=f"{rows} earlier rows are in the CSV.")
