from __future__ import annotations

from server.web.staff.county import county_text


def test_every_english_sentence_of_a_proposal_begins_with_a_capital_letter() -> None:
    sentences = [
        county_text.travel_deducted(6),
        county_text.expected_saving(39, 0.9, both=True),
        county_text.expected_saving(39, 0.9, both=False),
        county_text.p90_change(40, 20),
        county_text.take_services("3", "Invoices", opens=False),
    ]
    assert [text.en[0] for text in sentences] == ["T", "A", "T", "N", "W"]
    assert sentences[1].en.startswith("At both sites together, those who wait now or come")
