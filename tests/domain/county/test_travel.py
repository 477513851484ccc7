from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.county import travel

HEADER = "from,to,minutes"


def table(*rows: str) -> travel.Travel:
    return travel.read_travel([HEADER, *rows])


def test_the_way_back_is_as_long_unless_it_is_given() -> None:
    times = table("main,tax,6", "main,village,40", "village,main,25")
    assert times.between("main", "tax") == times.between("tax", "main") == 6
    assert (times.between("main", "village"), times.between("village", "main")) == (40, 25)


def test_a_way_nobody_wrote_down_is_unknown() -> None:
    assert table("main,tax,6").between("tax", "village") is None


def test_one_is_at_once_where_one_is() -> None:
    assert table().between("main", "main") == 0


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("main,tax", "line 2: needs 3 columns"),
        ("main,Tax office,6", "line 2: 'Tax office' is not a site's id"),
        ("main,main,6", "line 2: a way from main to itself"),
        ('"main,tax,6', "line 2: a quote that is not closed, or a cell that is too long"),
        ("main,tax," + "6" * 200_000, "line 2: a quote that is not closed, or a cell that is too long"),
        ("main,tax,soon", "line 2: 'soon' are no minutes between 0 and 1440"),
        ("main,tax,nan", "line 2: 'nan' are no minutes"),
        ("main,tax,-1", "line 2: '-1' are no minutes"),
    ],
)
def test_a_wrong_row_is_reported_with_its_line(row: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        table(row)


def test_a_way_given_twice_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="line 4: main to tax stands twice"):
        table("main,tax,6", "tax,main,7", "main,tax,8")


def test_another_table_is_no_table_of_travel() -> None:
    with pytest.raises(ValueError, match="the first line must be from,to,minutes"):
        travel.read_travel(["name,phone", "Li,1"])
    with pytest.raises(ValueError, match="the first line must be"):
        travel.read_travel([])


def test_a_file_written_by_a_spreadsheet_is_read() -> None:
    assert (
        travel.read_travel(["\ufefffrom, to, minutes\r\n", "main, tax, 6.5\r\n", "\r\n"]).between("tax", "main") == 6.5
    )


SITES = [f"site-{n}" for n in range(300)]


def test_three_hundred_sites_are_one_table() -> None:
    times = travel.read_travel(
        [HEADER, *(f"{a},{b},{1 + (len(a) * len(b)) % 50}" for a in SITES for b in SITES if a < b)]
    )
    assert len(times.minutes) == 300 * 299 // 2
    assert times.between(SITES[7], SITES[250]) == times.between(SITES[250], SITES[7])


@given(st.dictionaries(st.tuples(st.sampled_from(SITES[:5]), st.sampled_from(SITES[:5])), st.floats(0, 600)))
def test_what_is_written_is_what_is_read(ways: dict[tuple[str, str], float]) -> None:
    ways = {(a, b): m for (a, b), m in ways.items() if a != b}
    times = table(*(f"{a},{b},{m!r}" for (a, b), m in ways.items()))
    for (a, b), minutes in ways.items():
        assert times.between(a, b) == minutes
        assert times.between(b, a) == ways.get((b, a), minutes)
