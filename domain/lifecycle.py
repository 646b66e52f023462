"""How a thing moves: states and moves as a table that can be read, drawn and checked."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from domain.errors import IllegalTransition


@dataclass(frozen=True, slots=True)
class State:
    """A state, documented where it is declared.

    code: also the receipt code; zh, en: its names; meaning: what is true in it; moved_by: who moves it on;
    waits_for: the stage that works on it next, None when a person or nobody does;
    after_crash: what a kill leaves behind;
    holds_invoice: its invoice number (of a filing: its subject) cannot be used for another one (rule A16);
    numbered: the certificate gets its number on reaching it;
    desk: the row in which a person finds it ("review");
    patience_minutes: how long it may wait before the watchdog reports "no progress".
    """

    code: str
    zh: str
    en: str
    meaning: str
    moved_by: str
    waits_for: str | None = None
    after_crash: str = "nothing: the row is committed"
    holds_invoice: bool = True
    numbered: bool = False
    desk: str | None = None
    patience_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """One allowed move. `answers` is the verdict it gives on the message that caused it: "accepted", "refused" or None."""

    source: str | None
    event: str
    target: str
    answers: str | None = None


@dataclass(frozen=True)
class Lifecycle:
    """States and moves of one kind of thing. `initial` moves have source None."""

    name: str
    states: tuple[State, ...]
    moves: tuple[Move, ...]
    _moves: dict[tuple[str | None, str], Move] = field(init=False, repr=False)
    _states: dict[str, State] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_moves", {(move.source, move.event): move for move in self.moves})
        object.__setattr__(self, "_states", {state.code: state for state in self.states})

    def move(self, source: str | None, event: str) -> Move:
        """The move that `event` makes from `source`; raises IllegalTransition when the table has none."""
        try:
            return self._moves[source, event]
        except KeyError:
            raise IllegalTransition(self.name, source, event) from None

    def state(self, code: str) -> State:
        """The state with this code; KeyError when unknown."""
        return self._states[code]

    def events_from(self, source: str | None) -> Iterable[str]:
        """The events allowed in `source`."""
        return [move.event for move in self.moves if move.source == source]

    def waiting_states(self) -> dict[str, str]:
        """state code -> stage it waits for."""
        return {state.code: state.waits_for for state in self.states if state.waits_for}
