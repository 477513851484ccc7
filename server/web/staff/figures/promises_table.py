"""How far a day's promises were kept, as a table for managers."""

from __future__ import annotations

from protocol.vocabulary import Language, Text
from server.store.queries.promise_figures import PromiseFigures
from server.web.staff.figures.figures_table import FiguresTable

TITLE = Text(zh="承诺兑现", en="Promises kept")
EXPLAINED = Text(
    zh="承诺 = 取号时告诉群众的等候时间。P50、P80、P90 应分别在约 50%、80%、90% 的情况下兑现（只计要等候的）。"
    "误差 = 实际等候与承诺中位数之差。前面人数与取号后在能办该事项的窗口先叫的人数比较。",
    en="Promise = the wait told with the number. P50, P80 and P90 should hold in about 50, 80 and 90 of 100 cases "
    "(counted where there was a wait). Error = between the wait and the middle of the promise. "
    "People ahead are compared with those called before at windows that take the service.",
)
NONE = Text(zh="这一天还没有可以核对的承诺。", en="There are no promises of this day to check yet.")
_CHECKED = Text(zh="已核对的承诺", en="Promises checked")
_WAITS = Text(zh="其中要等候的", en="Of these with a wait")
_KEPT = Text(zh="{level} 兑现", en="{level} held")
_ERROR = Text(zh="平均误差（分）", en="Mean error (min)")
_LATE = Text(zh="超出承诺10分钟以上", en="More than 10 min late")
_AHEAD_CHECKED = Text(zh="已核对的前面人数", en="People ahead checked")
_AHEAD_ERROR = Text(zh="前面人数平均误差（人）", en="People ahead: mean error")
_AHEAD_FAR_OFF = Text(zh="前面人数差4人以上", en="People ahead: off by 4 or more")


def promises_table(promises: PromiseFigures, language: Language) -> FiguresTable:
    """Return the figures as a table of one row."""
    kept = _KEPT.in_language(language)
    cells = {
        _CHECKED.in_language(language): str(promises.checked),
        _WAITS.in_language(language): str(promises.waits),
        kept.format(level="P50"): _percent(promises.p50_held),
        kept.format(level="P80"): _percent(promises.p80_held),
        kept.format(level="P90"): _percent(promises.p90_held),
        _ERROR.in_language(language): "" if promises.error_mean_min is None else f"{promises.error_mean_min:.1f}",
        _LATE.in_language(language): str(promises.late),
        _AHEAD_CHECKED.in_language(language): str(promises.ahead_checked),
        _AHEAD_ERROR.in_language(language): ""
        if promises.ahead_error_mean is None
        else f"{promises.ahead_error_mean:.1f}",
        _AHEAD_FAR_OFF.in_language(language): str(promises.ahead_far_off),
    }
    return FiguresTable(head=tuple(cells), rows=(tuple(cells.values()),))


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"
