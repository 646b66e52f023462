"""The two languages of a stored reason are told apart, whatever was found stands in them."""

import pytest

from console.web.words import both, reason_words


@pytest.mark.parametrize(("text", "zh", "en"), [
    ("出口商栏含中间商 / Intermediary in exporter box", "出口商栏含中间商", "Intermediary in exporter box"),
    ("国家不一致：收货人/到达港：US / US / Destination differs: consignee / port: US / US", "国家不一致：收货人/到达港：US / US",
     "Destination differs: consignee / port: US / US"),
    ("目的国须人工审核 / a person looks at GERMANY", "目的国须人工审核", "a person looks at GERMANY"),
    ("请用英文：澳 / Use English: 澳", "请用英文：澳", "Use English: 澳"),
    ("须附合同 / HS 8413", "须附合同", "HS 8413"),
    ("看过合同", "看过合同", "看过合同"),
    ("", "", ""),
])
def test_a_text_is_parted_where_english_begins(text: str, zh: str, en: str) -> None:
    assert both(text) == (zh, en)
    assert (reason_words(f"D08: {text}", "zh"), reason_words(f"D08: {text}", "en")) == (zh or "D08: ", en or "D08: ")


def test_what_is_no_stored_reason_stays_as_it_is() -> None:
    assert {reason_words("REVIEWED", language) for language in ("zh", "en")} == {"REVIEWED"}
