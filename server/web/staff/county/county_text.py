"""The texts of the county's pages."""

from __future__ import annotations

from types import MappingProxyType

from protocol.text.window_names import bare_label, window_name
from protocol.vocabulary import Text
from server.web.staff.county.county_view_model import HubLinkState

SITES = Text(zh="各中心现在", en="All sites now")
PROPOSALS = Text(zh="调窗建议", en="Proposals")
SAVINGS = Text(zh="分流节省报告", en="What balancing saved")
LEAVE = Text(zh="退出", en="Log out")
SITE = Text(zh="中心", en="Site")
LINK = Text(zh="连接", en="Link")
WAITING = Text(zh="等候", en="Waiting")
LONGEST = Text(zh="最长等候（分）", en="Longest (min)")
OPEN_WINDOWS = Text(zh="开放窗口", en="Open windows")
NEW_VISITOR = Text(zh="现在来要等（P80，分）", en="New visitor (P80, min)")
EQUAL = Text(zh="流水与台账核对", en="Journal and tables")
TRAVELLING = Text(zh="在途", en="on the way")
PEOPLE_WAITING = Text(zh="全县正在等候（人）", en="Waiting in the county (people)")
ON_THE_WAY = Text(zh="分流在途（人）", en="On their way (people)")
SITES_CONNECTED = Text(zh="连着的中心", en="Sites heard")
TO_DECIDE = Text(zh="待定的建议", en="Proposals to decide")
OVER_LIMIT = Text(zh="超限", en="over the limit")
NOT_CHECKED = Text(zh="还没有核对", en="not compared yet")
CLOCK = Text(zh="站点时钟不可信", en="the site's clock cannot be trusted")
HINT = Text(
    zh="点中心名称看它的窗口和统计。P80：现在来取号的人，五人中有四人等候不超过此值（取最久的事项）。",
    en="Choose a site to see its windows and figures. P80: four of five who come now wait no longer (the service "
    "that takes longest).",
)
LINKS = MappingProxyType(
    {
        HubLinkState.THERE: Text(zh="● 已连接", en="● connected"),
        HubLinkState.AWAY: Text(zh="▲ 断开", en="▲ away"),
        HubLinkState.NEVER: Text(zh="○ 从未连接", en="○ never heard"),
        HubLinkState.REFUSED: Text(zh="✕ 流水被拒", en="✕ journal refused"),
    }
)
"""State of a site's link -> sign and text: the colour alone must not carry the meaning."""

ACCEPT = Text(zh="采纳", en="Accept")
DECLINE = Text(zh="不采纳", en="Decline")
NO_PROPOSALS = Text(
    zh="现在没有建议。各中心每三分钟推演一次；刚处理过建议的中心，一刻钟内不再提。",
    en="No proposals now. Every site is looked at every three minutes, and left alone for a quarter of an hour after a "
    "decision.",
)
DECIDED = Text(zh="已经处理的", en="Decided")
NONE_DECIDED = Text(zh="最近几天没有处理过建议。", en="Nothing was decided in the last days.")
WHEN = Text(zh="时间", en="Time")
PROPOSAL = Text(zh="建议", en="Proposal")
DECISION = Text(zh="决定", en="Decision")
EXPECTED = Text(zh="预计 P90（分）", en="Expected P90 (min)")
MEASURED = Text(zh="实际 P90（分）", en="Actual P90 (min)")
HELPED = Text(zh="多办（人次）", en="Visits helped")
LATER = Text(zh="还没有", en="not yet")
DECISIONS = MappingProxyType(
    {
        "accepted": Text(zh="✓ 已采纳", en="✓ accepted"),
        "declined": Text(zh="✕ 未采纳", en="✕ declined"),
        "expired": Text(zh="○ 过期未定", en="○ expired"),
    }
)
EXPLAINED = Text(
    zh="采纳后到今天下班前有效，有关窗口的页面会写明；开窗、停窗由工作人员自己按。"
    "节省的分钟数是用各窗口现在的情况多次推演算出来的，是预计，不是承诺；没有窗口办理的事项，按到下班为止没人办理计算，"
    "至少一小时，最多四小时。结果会记在下面。",
    en="An accepted proposal holds until closing and is shown at the windows concerned, which their clerks open or "
    "pause themselves. The minutes come from playing the hall forward many times: an expectation, not a promise. A "
    "service that no window takes counts as if nobody took it until closing, for an hour at least and four at most. "
    "What came of a proposal is written below.",
)
P90_EXPLAINED = Text(
    zh="预计 P90：现在等候的和两小时内来的人，之前 → 之后。实际 P90：采纳后三小时内叫到的人。",
    en="Expected P90: of those who wait now or come within two hours, before → after. Actual P90: of those called in "
    "the three hours after it was accepted.",
)


def version(installed: str) -> Text:
    """Return which version a site's hub runs; the county's must not be older."""
    return Text(zh=f"站点程序版本 {installed}", en=f"Version of the hub: {installed}")


def since(local_time: str) -> Text:
    """Return since when a site has not been connected."""
    return Text(zh=f"{local_time} 起", en=f"since {local_time}")


def away(local_time: str) -> Text:
    """Return the warning above figures that are out of date."""
    return Text(
        zh=f"与这个中心的连接断开了：下面是 {local_time} 的情况。",
        en=f"This site is away: below is how it stood at {local_time}.",
    )


def ago(seconds: int) -> Text:
    """Return how long ago a site was last connected."""
    if seconds < 60:
        return Text(zh=f"{seconds} 秒前", en=f"{seconds} s ago")
    if seconds < 3600:
        return Text(zh=f"{seconds // 60} 分钟前", en=f"{seconds // 60} min ago")
    return Text(zh=f"{seconds // 3600} 小时前", en=f"{seconds // 3600} h ago")


def of_stale_figures(people: int) -> Text:
    """Return how many of those who wait are counted from figures that are out of date."""
    return Text(zh=f"其中 {people} 人按旧数据", en=f"{people} of them as last heard")


def equal(seq: int, time: str) -> Text:
    """Return that the hub's tables equal the county's."""
    return Text(zh=f"✓ 一致（第 {seq} 条，{time}）", en=f"✓ equal (entry {seq}, {time})")


def different(seq: int, time: str) -> Text:
    """Return that the hub's tables differ from the county's."""
    return Text(zh=f"✕ 不一致（第 {seq} 条，{time}）", en=f"✕ different (entry {seq}, {time})")


def take_services(window: str, services: str, *, opens: bool) -> Text:
    """Return a proposal that a window opens or takes further services."""
    name = window_name(window)
    if opens:
        return Text(zh=f"开放 {name.zh}，办理：{services}", en=f"Open {name.en} for: {services}")
    return Text(zh=f"{name.zh}也办理：{services}", en=f"Window {bare_label(window)} also takes: {services}")


def move_clerk(window: str, site: str, services: str, *, from_window: str, from_site: str) -> Text:
    """Return a proposal that a clerk opens a window of another site."""
    left, opened = window_name(from_window), window_name(window)
    return Text(
        zh=f"请{from_site} {left.zh}的工作人员去{site} {opened.zh}，办理：{services}",
        en=f"Ask the clerk of {left.en} ({from_site}) to open {opened.en} ({site}) for: {services}",
    )


def travel_deducted(travel_min: float) -> Text:
    """Return which costs of moving a clerk are deducted from the saving already."""
    return Text(
        zh=f"路上约 {travel_min:.0f} 分钟，以及原窗口的人因此多等的时间，都已扣除",
        en=f"The way of about {travel_min:.0f} minutes and the longer waits where the clerk leaves are taken off",
    )


def expected_saving(saving_min: float, confidence: float, *, both: bool) -> Text:
    """Return what a proposal is expected to save, at its one site or in sum at both."""
    tenths = round(confidence * 10)
    zh, en = ("两处合计，", "At both sites together, those") if both else ("", "Those")
    return Text(
        zh=f"{zh}现在等候的和两小时内来的人，共少等约 {saving_min:.0f} 分钟（十次推演中 {tenths} 次有节省）",
        en=f"{en} who wait now or come within two hours wait about {saving_min:.0f} minutes less in all "
        f"(it saves in {tenths} of 10 courses)",
    )


def p90_change(before_min: float, after_min: float) -> Text:
    """Return the wait that nine of ten visitors do not exceed, before and after."""
    return Text(
        zh=f"十人中九人的等候：{before_min:.0f} → {after_min:.0f} 分钟",
        en=f"Nine of ten wait at most: {before_min:.0f} → {after_min:.0f} minutes",
    )
