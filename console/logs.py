"""Logs: JSON when piped, readable on a terminal; ids are bound, bodies and secrets never appear."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_KEYS = re.compile(r"password|secret|token|credential|authorization|amqp_url|database_url", re.IGNORECASE)
_BODY_KEYS = frozenset({"body", "xml", "bytes"})
_IN_URL = re.compile(r"(\w+://[^:/@\s]+:)[^@\s]+@")


def set_up(level: str = "info") -> None:
    """Configure structlog for this process; messages go to standard error."""
    terminal = sys.stderr.isatty()
    renderer: Any = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,  # before it is redacted: errors quote what they failed at
            redact,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    bridge = _Bridge()
    logging.basicConfig(handlers=[bridge], level=logging.WARNING, force=True)
    logging.getLogger("pika").setLevel(logging.CRITICAL)  # the transport says in one line what pika says in twenty


class _Bridge(logging.Handler):
    """Records of the standard library's logging, as ours."""

    def emit(self, record: logging.LogRecord) -> None:
        """Pass one record on."""
        structlog.get_logger(record.name).log(record.levelno, record.getMessage())


def redact(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop message bodies, hide values of secret keys and passwords inside URLs, keep one line a value."""
    for key, value in list(event.items()):
        if key in _BODY_KEYS:
            event[key] = f"({len(value)} bytes)"
        elif _SECRET_KEYS.search(key):
            event[key] = "***"
        elif isinstance(value, str):
            plain = _IN_URL.sub(r"\1***@", value).replace("\r", "\\r").replace("\x1b", "\\x1b")
            event[key] = plain if key == "exception" else plain.replace("\n", "\\n")
    return event
