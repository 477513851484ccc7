"""A fact that the fold or the projection forgets does not type-check: mypy names the place that has no case for it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mypy import api

ROOT = Path(__file__).parents[2]
JOURNAL = "protocol/journal.py"
GROUPS = ("VisitFact", "PrintFact", "WindowFact", "ReferralFact", "CountyFact")
NEW_FACT = """
class {name}(Fact):
    kind: Literal["{name}"] = "{name}"
"""
NEVER = re.compile(
    r'^(\S+?):\d+: error: Argument 1 to "assert_never" has incompatible type "(\w+)"; expected "Never"', re.MULTILINE
)
LAST_CASE = re.compile(r'^(\S+?):\d+: error: Argument 3 to "(\w+)" has incompatible type "NewFact \|', re.MULTILINE)
"""The error where the last case hands on facts of one group: a fact of no group is none of these."""


def with_new_facts(journal: str) -> str:
    """Return the journal's source with a new fact in each group, and one in none."""
    facts = [NEW_FACT.format(name=f"New{name}") for name in (*GROUPS, "Fact")]
    first, groups = re.split(r"(?=^HubFact = )", journal, flags=re.MULTILINE)
    for group in GROUPS:
        groups, count = re.subn(rf"^{group} = (\(?)", rf"{group} = \1New{group} | ", groups, flags=re.MULTILINE)
        assert count == 1, group
    groups, count = re.subn(
        r"\[HubFact \| ", f"[NewFact | {' | '.join(f'New{g}' for g in GROUPS)} | HubFact | ", groups
    )
    assert count == 1
    return "".join([first, *facts, groups])


def test_a_fact_without_a_case_in_the_fold_and_in_the_projection_does_not_type_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    changed = tmp_path / "journal.py"
    changed.write_text(with_new_facts(Path(JOURNAL).read_text(encoding="utf-8")), encoding="utf-8")
    options = ["--config-file", "pyproject.toml", "--cache-dir", str(tmp_path / "cache"), "--no-pretty"]
    readers = ["server/domain/events", "server/store/projection", "server/domain/county/proposal_book.py"]
    report, errors, _ = api.run([*options, "--shadow-file", JOURNAL, str(changed), *readers])
    assert errors == ""
    assert set(NEVER.findall(report)) == {
        ("server/domain/events/apply_visits.py", "NewVisitFact"),
        ("server/domain/events/apply_prints.py", "NewPrintFact"),
        ("server/domain/events/apply_windows.py", "NewWindowFact"),
        ("server/domain/events/apply_referrals.py", "NewReferralFact"),
        ("server/domain/county/proposal_book.py", "NewCountyFact"),
        ("server/store/projection/project_visits.py", "NewVisitFact"),
        ("server/store/projection/project_referrals.py", "NewReferralFact"),
    }, report
    assert set(LAST_CASE.findall(report)) == {
        ("server/domain/events/apply.py", "apply_referral_fact"),
        ("server/store/projection/project.py", "project_referral_fact"),
    }, report
