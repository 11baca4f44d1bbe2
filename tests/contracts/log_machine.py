"""A log beside a model of it: a list of what was appended, and a set of what is known."""

from __future__ import annotations

from itertools import count

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from events.envelope import Encoded, NewEvent, stream_of
from events.errors import Conflict
from events.log import Log, Outcome
from events.vocabulary import MessageObserved, NoteAdded, Payload

_OWNERS = count()
_TEXTS = st.text(max_size=8)
_OBSERVED = st.builds(lambda text: MessageObserved(source="s", subject=text), _TEXTS)
_DECIDED = st.builds(lambda text: NoteAdded(addresses=("a",), text=text), _TEXTS)
_EVENTS = st.builds(
    lambda stream, revision, happened, payload: NewEvent(stream_of(None, str(stream)), revision, happened, payload),
    st.integers(0, 5),
    st.none() | st.integers(-2, 4) | st.sampled_from([-(2**63), 2**62]),
    st.integers(-(10**13), 10**13),
    _OBSERVED | _DECIDED,
)
Known = tuple[bytes, int, int, Payload | Encoded]


def check_against_model(log: Log) -> None:
    """Run the machine on one log; each run has an owner of its own, which is an empty log."""

    class Machine(LogMachine):
        pass

    Machine.disk = log
    run_state_machine_as_test(
        Machine, settings=settings(max_examples=25, stateful_step_count=15, deadline=None)
    )


class LogMachine(RuleBasedStateMachine):
    disk: Log
    log: Log

    @initialize()
    def start(self) -> None:
        self.log = self.disk.of(f"owner {next(_OWNERS)}")
        self.stored: list[Known] = []
        self.clock = 0
        self.cursor: str | None = None

    @rule(events=st.lists(_EVENTS, max_size=8), clock=st.integers(0, 50), cursor=st.none() | _TEXTS)
    def append(self, events: list[NewEvent], clock: int, cursor: str | None) -> None:
        where = None if cursor is None else ("s", "t", cursor.replace("\0", ""))
        expected = self._expected(events)
        if expected is None:
            try:
                self.log.append(events, cursor=where, recorded_ms=clock)
            except Conflict:
                return
            raise AssertionError("a decision on an outdated view was taken")
        outcomes, stored = expected
        appended = self.log.append(events, cursor=where, recorded_ms=clock)
        assert appended == (outcomes, len(self.stored) + len(stored))
        self.clock = max(self.clock, clock) if stored else self.clock
        self.stored += stored
        self.cursor = self.cursor if where is None else where[2]

    def _expected(self, events: list[NewEvent]) -> tuple[list[Outcome], list[Known]] | None:
        """Outcomes and what is stored, the slow and obvious way; None for a conflict."""
        fresh: list[Known] = []
        outcomes = []
        for stream, revision, happened, payload in events:
            taken = [known[1] for known in (*self.stored, *fresh) if known[0] == stream]
            number = max([0, *taken]) + 1 if revision is None else revision
            if number in taken:
                if isinstance(payload, NoteAdded):
                    return None
                outcomes.append(Outcome.KNOWN)
                continue
            outcomes.append(Outcome.NEW_REVISION if taken else Outcome.NEW_STREAM)
            fresh.append((stream, number, happened, payload))
        return outcomes, fresh

    @invariant()
    def same(self) -> None:
        if not hasattr(self, "owner"):
            return
        assert self.log.head() == len(self.stored)
        read = [event for page in self.log.read(batch=4) for event in page]
        assert [(event.stream, event.revision, event.happened_ms) for event in read] == [
            known[:3] for known in self.stored
        ]
        assert all(event.recorded_ms <= self.clock for event in read)
        assert self.log.cursor("s", "t") == self.cursor
        assert self.log.verify() == (len(self.stored), True, None)
