from __future__ import annotations

from server.web.staff.county import county_text as words


def test_every_english_sentence_of_a_proposal_begins_with_a_capital_letter() -> None:
    told = [
        words.way(6),
        words.gain(39, 0.9, both=True),
        words.gain(39, 0.9, both=False),
        words.shorter(40, 20),
        words.helps("3", "Invoices", opens=False),
    ]
    assert [text.en[0] for text in told] == ["T", "A", "T", "N", "W"]
    assert told[1].en.startswith("At both sites together, those who wait now or come")
