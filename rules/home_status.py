"""What is said of one home now, for its page and its lists; judges nothing."""

import msgspec

from core.ids import DeviceId
from rules.findings import FindingKind
from rules.home_mode import HomeMode


class HomeStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a home now: seen, away or blind; never a claim that all is well."""

    mode: HomeMode
    mode_since_ms: int
    mode_reason: str  # of a declared mode
    mode_until_ms: int | None  # of a declared mode; None: nobody said
    is_away: bool
    is_blind: bool
    away_since_ms: int | None
    blind_since_ms: int | None
    last_sign_at_ms: int | None
    last_sign_device: DeviceId | None
    last_sign_grade: str
    next_deadline_ms: int | None
    silent_devices: tuple[DeviceId, ...]
    open_kinds: tuple[FindingKind, ...]
    rules_version: int = 0  # of the rulebook whose limits it has; 0: what ships with the service
