"""How far a day's promises were kept, as a table for managers."""

from __future__ import annotations

from protocol.vocabulary import Language, Text
from server.store.queries.promise_figures import PromiseFigures
from server.web.staff.figures.figures_table import FiguresTable

TITLE = Text(zh="承诺兑现", en="Promises kept")
EXPLAINED = Text(
    zh="承诺 = 取号时告诉群众的等候时间。P50、P80、P90 应分别在约 50%、80%、90% 的情况下兑现（只计要等候的）。"
    "误差 = 实际等候与承诺中位数之差。",
    en="Promise = the wait told with the number. P50, P80 and P90 should hold in about 50, 80 and 90 of 100 cases "
    "(counted where there was a wait). Error = between the wait and the middle of the promise.",
)
NONE = Text(zh="这一天还没有可以核对的承诺。", en="There are no promises of this day to check yet.")
_CHECKED = Text(zh="已核对的承诺", en="Promises checked")
_WAITS = Text(zh="其中要等候的", en="Of these with a wait")
_HELD = Text(zh="{level} 兑现", en="{level} held")
_ERROR = Text(zh="平均误差（分）", en="Mean error (min)")
_LATE = Text(zh="超出承诺10分钟以上", en="More than 10 min late")


def promises_table(promises: PromiseFigures, language: Language) -> FiguresTable:
    """Return the figures as a table of one row."""
    held = _HELD.in_language(language)
    cells = {
        _CHECKED.in_language(language): str(promises.checked),
        _WAITS.in_language(language): str(promises.waits),
        held.format(level="P50"): _percent(promises.p50_held),
        held.format(level="P80"): _percent(promises.p80_held),
        held.format(level="P90"): _percent(promises.p90_held),
        _ERROR.in_language(language): "" if promises.error_mean_min is None else f"{promises.error_mean_min:.1f}",
        _LATE.in_language(language): str(promises.late),
    }
    return FiguresTable(head=tuple(cells), rows=(tuple(cells.values()),))


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"
