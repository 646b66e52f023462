"""Who is at the keyboard, and the audit line that every change of theirs leaves behind."""

import getpass
import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.database import Database


def actor() -> str:
    """The operator as the history names people: "operator:" and the login name, or the user id where there is none."""
    try:
        return f"operator:{getpass.getuser()}"
    except (KeyError, OSError):  # a container's user without a line in passwd
        return f"operator:{os.getuid()}"


def record(database: "Database", action: str, subject: str, **detail: object) -> None:
    """Write who did `action` to `subject`. `detail` never holds a secret."""
    database.query(
        "insert_audit", actor=actor(), action=action, subject=subject, detail=json.dumps(detail, ensure_ascii=False)
    )
