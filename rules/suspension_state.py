"""What is remembered of declared stretches: the one that holds, and what a test holds back."""

import msgspec

from core.text import Bilingual


class KeptFinding(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One thing that would have been told, were the home not under test."""

    since_ms: int
    kind: str
    detail: str
    watch: str
    sentence: Bilingual | None


class SuspensionState(msgspec.Struct, array_like=True, gc=False):
    """What was declared holds, as of the last beginning or end."""

    done_ms: int | None = None
    declared_ms: int = 0  # when the registry last said something else
    is_suspended: bool = False
    is_tested: bool = False
    tested_from_ms: int | None = None  # the last test, or the one under way
    tested_until_ms: int | None = None  # when the last test ended
    kept: dict[str, KeptFinding] = {}  # "kind detail" -> what the test under way holds back
