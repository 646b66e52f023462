"""What every answer of the console carries, and what every change of state has to bring (RELIABILITY: sessions, CSRF, CSP)."""

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from console.settings import Settings

SESSION_COOKIE = "__Host-coedi"
LANGUAGE_COOKIE = "__Host-coedi-language"
SAID_COOKIE = "__Host-coedi-said"
COOKIE = "Path=/; Secure; HttpOnly; SameSite=Strict"

HEADERS: dict[str, str] = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cache-Control": "no-store",
}
SECURE_ONLY = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


def csrf_token(session_token: str) -> str:
    """What forms of this session carry: known to its pages only, derived, so nothing is kept."""
    return hmac.new(session_token.encode(), b"csrf", hashlib.sha256).hexdigest()


def csrf_matches(session_token: str, sent: str) -> bool:
    """Whether a form came from a page of this session."""
    return hmac.compare_digest(csrf_token(session_token).encode(), sent.encode("utf-8", "surrogatepass"))


def same_origin(headers: Mapping[str, str], settings: Settings) -> bool:
    """Whether a browser says that the request came from our own pages; a program says nothing and brings a key instead."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    if settings.console_origin:
        return origin.lower() == settings.console_origin.rstrip("/").lower()
    try:
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower() != ""
    except ValueError:
        return False


def from_proxy(peer: str, settings: Settings) -> bool:
    """Whether the peer is a proxy whose headers are believed."""
    return peer in _addresses(settings.trusted_proxies)


def address_of(peer: str, headers: Mapping[str, str], settings: Settings) -> str:
    """The client's address: the peer's, or what a trusted proxy says of it."""
    if not from_proxy(peer, settings):
        return peer
    said = headers.get("x-forwarded-for", "").rsplit(",", 1)[-1].strip()
    try:
        return str(ipaddress.ip_address(said))
    except ValueError:
        return peer


def card_of(peer: str, headers: Mapping[str, str], settings: Settings) -> str | None:
    """SHA-256 of the client certificate that a trusted proxy has verified, lower-case hex; None without one."""
    said = headers.get(settings.card_header.lower(), "") if from_proxy(peer, settings) else ""
    digits = said.replace(":", "").strip().lower()
    return digits if len(digits) == 64 and set(digits) <= set("0123456789abcdef") else None


def _addresses(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(",") if part.strip())
