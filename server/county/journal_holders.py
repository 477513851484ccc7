"""Who holds which entries of a site's journal, in words: the county, the hub, or both."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from protocol.vocabulary import SiteId, Text
from server.store.journal.heads import SiteHead


def holders_text(head: SiteHead, zone: ZoneInfo) -> Text:
    """Return what the county has of a journal, what the hub has, and what is at one of them alone."""
    if not head.seq and not head.missing:
        return Text(zh="还没有流水", en="no journal yet")
    at = "" if head.received_at is None else f"{head.received_at.astimezone(zone):%Y-%m-%d %H:%M}"
    hub = _hub_text(head)
    return Text(
        zh=f"县里有到第 {head.seq} 条{f'（{at} 收到）' if at else ''}；{hub.zh}",
        en=f"the county has entries up to {head.seq}{f' (received {at})' if at else ''}; {hub.en}",
    )


def _hub_text(head: SiteHead) -> Text:
    if head.missing:
        lost = _numbers(head.missing)
        return Text(zh=f"站点还有 {lost}，县里没有，等它上报", en=f"the hub also has {lost}, which it is to push again")
    if head.hub_seq is None:
        return Text(zh="站点有多少还不知道", en="how far the hub has them is not known yet")
    if head.missing_at_hub:
        alone = _numbers(head.missing_at_hub)
        return Text(zh=f"站点没有 {alone}，重启它以取回", en=f"the hub lacks {alone}: restart it to fetch them")
    return Text(zh="站点也有", en="so has the hub")


def forgotten_text(head: SiteHead) -> Text | None:
    """Return what a hub cannot push anew when the county forgets its journal; None when it has all of it."""
    if not head.missing_at_hub:
        return None
    alone = _numbers(head.missing_at_hub)
    if head.hub_seq is None:
        return Text(
            zh=f"站点有没有 {alone} 不知道，请保留这个文件",
            en=f"whether the hub has {alone} is not known: keep the file",
        )
    return Text(zh=f"站点没有 {alone}，只在这个文件里", en=f"the hub lacks {alone}: they are in this file alone")


def way_back_text(site: SiteId, head: SiteHead) -> Text:
    """Return how a journal that was changed at the county becomes whole again."""
    if head.missing_at_hub:
        alone = _numbers(head.missing_at_hub)
        return Text(
            zh=f"站点没有 {alone}，或不知道有没有：请从备份恢复县平台的数据库",
            en=f"the hub lacks {alone}, or is not known to have them: restore the county's database from a backup",
        )
    return Text(
        zh=f"本站点的流水，大厅还有一份：停下县平台，运行 jiaohao-county forget {site}，再启动，大厅会重新上报",
        en=f"the hub has the journal too: stop the county, run jiaohao-county forget {site}, start it; "
        "the hub pushes its own anew",
    )


def _numbers(entries: range) -> str:
    return f"{entries[0]}" if len(entries) == 1 else f"{entries[0]}–{entries[-1]}"
