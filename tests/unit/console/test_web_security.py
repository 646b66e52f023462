"""Origins, proxies, client certificates and tokens of forms."""

import pytest

from console.settings import Settings
from console.web import security

PLAIN = Settings()
PROXIED = Settings(trusted_proxies="192.0.2.10, 192.0.2.11", console_origin="https://co.example.org")
CARD = "ab" * 32


@pytest.mark.parametrize(("headers", "settings", "ours"), [
    ({}, PLAIN, True),
    ({"host": "127.0.0.1:8480", "origin": "http://127.0.0.1:8480"}, PLAIN, True),
    ({"host": "127.0.0.1:8480", "origin": "http://evil.example"}, PLAIN, False),
    ({"host": "127.0.0.1:8480", "origin": "null"}, PLAIN, False),
    ({"sec-fetch-site": "cross-site"}, PLAIN, False),
    ({"sec-fetch-site": "same-site"}, PLAIN, False),
    ({"sec-fetch-site": "same-origin", "origin": "https://co.example.org"}, PROXIED, True),
    ({"host": "co.example.org", "origin": "http://co.example.org"}, PROXIED, False),
    ({"host": "evil.example", "origin": "https://evil.example"}, PROXIED, False),
])
def test_a_change_must_come_from_our_own_pages(headers: dict[str, str], settings: Settings, ours: bool) -> None:
    assert security.same_origin(headers, settings) is ours


def test_only_a_trusted_proxy_is_believed_about_addresses() -> None:
    said = {"x-forwarded-for": "203.0.113.9, 198.51.100.7"}
    assert security.address_of("192.0.2.10", said, PROXIED) == "198.51.100.7"  # the last is the proxy's own word
    assert security.address_of("203.0.113.5", said, PROXIED) == "203.0.113.5"
    assert security.address_of("192.0.2.10", said, PLAIN) == "192.0.2.10"
    assert security.address_of("192.0.2.10", {"x-forwarded-for": "<script>"}, PROXIED) == "192.0.2.10"


@pytest.mark.parametrize(("said", "card"), [
    (CARD, CARD), (CARD.upper(), CARD), (":".join("AB" for _ in range(32)), CARD), ("", None), ("ab", None), ("zz" * 32, None),
])
def test_only_a_trusted_proxy_is_believed_about_client_certificates(said: str, card: str | None) -> None:
    headers = {"x-client-certificate-sha256": said}
    assert security.card_of("192.0.2.10", headers, PROXIED) == card
    assert security.card_of("203.0.113.5", headers, PROXIED) is None


def test_the_token_of_a_form_belongs_to_one_session() -> None:
    token = security.csrf_token("a session")
    assert security.csrf_matches("a session", token)
    assert not security.csrf_matches("another session", token)
    assert not security.csrf_matches("a session", "")
    assert not security.csrf_matches("a session", "\udcff")


def test_nothing_but_our_own_files_may_run_or_draw() -> None:
    policy = security.HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
