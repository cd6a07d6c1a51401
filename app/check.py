"""One thing that was looked at in a set-up: what was seen and what to do, in both languages where people are told."""

import msgspec

from core.errors import ConfigurationError
from core.text import Bilingual


class Check(msgspec.Struct, frozen=True):
    """One thing looked at."""

    what: str
    is_well: bool
    remedy: str = ""
    is_warning: bool = False  # it works, and somebody should know what it takes away


def well(zh: str, en: str) -> Check:
    """Return what is as it should be."""
    return Check(str(Bilingual(zh, en)), True)


def bad(what: Bilingual, remedy: Bilingual) -> Check:
    """Return what somebody has to mend."""
    return Check(str(what), False, str(remedy))


def loose(what: Bilingual, remedy: Bilingual) -> Check:
    """Return what works and takes a guard away."""
    return Check(str(what), True, str(remedy), is_warning=True)


def refused(name: str, error: ConfigurationError) -> Check:
    """Return a setting that can never work."""
    where = error.where if not name or error.where.startswith(name) else f"{name}: {error.where}"
    return Check(f"{where}: {error.what}", False, error.remedy)
