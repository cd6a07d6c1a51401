"""Findings that wait to be kept, the gravest home first and each home's in their order; decides nothing else."""

import heapq
from collections import deque
from collections.abc import Sequence

import msgspec

from core.ids import HomeId
from rules.findings import Finding, FindingKind

BATCH = 25
"""Findings kept in one transaction: some 100 ms of work, so that a life hazard which comes meanwhile waits no longer;
one fsync for many, so that a thousand at once are not held up by the disk."""

MOST_WAITING = 50_000
"""Above this no further entry of the journal is read: a county of homes that all report at once, some 50 MB. It is this
high because what is not read may be a life hazard."""


class Batch(msgspec.Struct, frozen=True):
    """What is kept in one transaction. `kept_seq`: the journal entry up to which all findings are kept with it."""

    findings: tuple[Finding, ...]
    kept_seq: int | None = None  # None: no entry has been read yet, or its findings are of no entry


class _Waiting(msgspec.Struct):
    """The findings of one home, in the order in which the rules told them."""

    rank: int
    number: int  # of arrival, so that of equally grave homes the first comes first
    findings: deque[tuple[Finding, int]]


class FindingQueue:
    """Owned by one thread. In memory alone: what waits when the service dies is found again in the journal.

    A home's findings stay in their order, whatever their gravity: an end that comes before its beginning would leave an
    alert that nothing ends. So the gravest of them draws the others along.
    """

    def __init__(self) -> None:
        self._homes: dict[HomeId, _Waiting] = {}
        self._order: list[tuple[int, int, HomeId]] = []
        self._left: dict[int, int] = {}  # by journal entry, oldest first: how many of its findings wait
        self._seq: int | None = None
        self._number = 0
        self._count = 0

    def __len__(self) -> int:
        """Return how many findings wait."""
        return self._count

    @property
    def is_full(self) -> bool:
        """Say whether no further entry is to be read now."""
        return self._count >= MOST_WAITING

    def put(self, findings: Sequence[Finding], seq: int) -> None:
        """Let the findings of a journal entry wait; entries come in their order."""
        self._seq = seq
        for finding in findings:
            self._left[seq] = self._left.get(seq, 0) + 1
            self._count += 1
            self._put(finding, seq)

    def take(self) -> Batch:
        """Take the findings that are to be kept next; the caller keeps them before it takes others."""
        taken: list[Finding] = []
        while len(taken) < BATCH and (home_id := self._next()) is not None:
            waiting = self._homes[home_id]
            while waiting.findings and len(taken) < BATCH:
                finding, seq = waiting.findings.popleft()
                taken.append(finding)
                self._note_taken(seq)
            if waiting.findings:  # more than a batch of one home: it stays the first
                heapq.heappush(self._order, (waiting.rank, waiting.number, home_id))
            else:
                del self._homes[home_id]
        return Batch(tuple(taken), self._kept_seq())

    def _put(self, finding: Finding, seq: int) -> None:
        rank, waiting = _rank(finding), self._homes.get(finding.home_id)
        if waiting is None or rank < waiting.rank:
            self._number += 1
            findings = deque[tuple[Finding, int]]() if waiting is None else waiting.findings
            waiting = _Waiting(rank, self._number, findings)
            self._homes[finding.home_id] = waiting
            heapq.heappush(self._order, (rank, self._number, finding.home_id))
        waiting.findings.append((finding, seq))

    def _next(self) -> HomeId | None:
        while self._order:
            _, number, home_id = heapq.heappop(self._order)
            waiting = self._homes.get(home_id)
            if waiting is not None and waiting.number == number:  # else: it has become graver since, or is done
                return home_id
        return None

    def _note_taken(self, seq: int) -> None:
        self._count -= 1
        self._left[seq] -= 1
        if not self._left[seq]:
            del self._left[seq]

    def _kept_seq(self) -> int | None:
        if self._left:
            return next(iter(self._left)) - 1
        return self._seq


def _rank(finding: Finding) -> int:
    # A village's incident before all: it may hold what its homes report in the same moment, and there are few.
    return -1 if finding.kind is FindingKind.INFRASTRUCTURE else int(finding.priority)
