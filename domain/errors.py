"""Which thing that goes wrong is which: the one table of refusals and failures.

Three kinds, never mixed. *Findings* (`domain.finding`) are values: what is wrong with a submission.
*Refusals* are the `Refusal` children below: the request cannot be honoured, and says why in one sentence.
*Failures* are the `Failure` children: a service is gone, the same request may work later.

`exit_code` is what the command line ends with: 2 usage, 3 a service is not reachable, 4 refused.
"""

from dataclasses import dataclass
from datetime import datetime


class CoediError(Exception):
    """Something coedi can explain went wrong. zh: the same sentence in Chinese, "" where only a program or an operator reads it."""

    exit_code = 1

    def __init__(self, *said: object, zh: str = "") -> None:
        super().__init__(*said)
        self.zh = zh


class Refusal(CoediError):
    """The request cannot be honoured."""

    exit_code = 4


class Failure(CoediError):
    """A service that coedi needs is not reachable."""

    exit_code = 3


class IllegalTransition(Refusal):
    """The life cycle has no such move."""

    def __init__(self, lifecycle: str, state: str | None, event: str) -> None:
        super().__init__(f"{lifecycle}: no move '{event}' from state {state or '(none)'}")
        self.lifecycle, self.state, self.event = lifecycle, state, event


@dataclass(frozen=True, slots=True)
class Lost:
    """Who was faster: the newest line of history. who: as history names it ("reviewer:1100B0/wang"); at: aware."""

    who: str
    at: datetime
    event: str
    state: str
    version: int

    def __str__(self) -> str:
        return f"{self.who} made it {self.state} ({self.event}), version {self.version}"


class StaleVersion(Refusal):
    """Somebody else moved the certificate or filing first. lost: who it was and what they did, None where nobody asked."""

    def __init__(self, subject: object, seen: int, current: int, lost: Lost | None = None, kind: str = "certificate") -> None:
        super().__init__(
            f"{kind} {subject} is at version {current} now, the decision was made on version {seen}{f': {lost}' if lost else ''}",
            zh=f"已被他人先行处理：现为版本{current}，所看的是版本{seen}")
        self.certificate, self.seen, self.current, self.lost = subject, seen, current, lost


class CounterExhausted(Refusal):
    """An enterprise has taken every certificate number of a type letter in a year; numbers never wrap."""

    def __init__(self, enterprise: str, letter: str, year: int, most: int) -> None:
        super().__init__(f"enterprise {enterprise} has taken all {most} numbers of type {letter} in {year}; numbers never wrap")
        self.reason = (
            f"NUMBERS_EXHAUSTED: 企业{enterprise}在{year}年的{letter}类证书号{most}个已用完 / "
            f"all {most} certificate numbers of type {letter} for {enterprise} in {year} are taken")


class UnknownThing(Refusal):
    """There is no such certificate, enterprise, branch, message or file."""


class NotAllowed(Refusal):
    """The caller may not do this. code: why, for a program: CLAIMED, TOKEN_OLD, NOT_HELD, SAME_PERSON, ASSIGNED, SENIOR_ONLY,
    FOUR_EYES, NOT_IN_BATCH; who: who has it, or had it first."""

    def __init__(self, *said: object, zh: str = "", code: str = "", who: str | None = None) -> None:
        super().__init__(*said, zh=zh)
        self.code, self.who = code, who


class BadSetting(CoediError):
    """A setting has a value that cannot be used."""

    exit_code = 2


class DatabaseGone(Failure):
    """PostgreSQL is not reachable, or the connection was lost."""


class CommitUnknown(DatabaseGone):
    """The connection was lost while committing: the outcome must be looked up by key."""


class BrokerGone(Failure):
    """RabbitMQ is not reachable, or the connection was lost."""


class QueueGone(Failure):
    """A queue that a worker consumes no longer exists; `coedi topology apply` makes it again."""


class RulesUnusable(Failure):
    """The database holds a rule pack that this version of coedi cannot read; no decision is taken without it."""


class NeedsAdministrator(Failure):
    """The broker's administrator has to run commands that coedi may not run itself."""

    def __init__(self, message: str, commands: list[str]) -> None:
        super().__init__(message)
        self.commands = commands


class BadDocument(CoediError):
    """A stored document cannot be read, or its hash differs from the one recorded."""


class MissingGlyph(CoediError):
    """A character cannot be drawn with the fonts of the form (the manuals' 合成失败)."""

    def __init__(self, character: str, box: str) -> None:
        super().__init__(f"no glyph for U+{ord(character):04X} {character!r} in box {box}")
        self.character, self.box = character, box
