"""Errors that a person can act on: what is wrong, where, and what to do."""

from collections.abc import Sequence


class ShouwangError(Exception):
    """The root of every error that this project raises on purpose."""


class ConfigurationError(ShouwangError):
    """A setting, rule or file that cannot be used; names the file, the line and the remedy."""

    def __init__(self, what: str, *, where: str, remedy: str) -> None:
        super().__init__(f"{where}: {what}. Remedy: {remedy}")
        self.what = what
        self.where = where
        self.remedy = remedy


MISTAKES_TOLD = 20
"""At once; whoever has made more has named the wrong file."""


def together(errors: Sequence[ConfigurationError]) -> ConfigurationError:
    """Return one error that tells every given one, each on its line; the first is what it is about."""
    first, *others = errors
    more = [str(error) for error in others[: MISTAKES_TOLD - 1]]
    if len(others) >= MISTAKES_TOLD:
        more.append(f"and {len(others) - MISTAKES_TOLD + 1} more")
    return ConfigurationError(first.what, where=first.where, remedy="\n".join([first.remedy, *more]))


class NotFoundError(ShouwangError):
    """No such person, home, device, alert or visit."""


class ConflictError(ShouwangError):
    """Somebody else was first: the version or the state has moved on."""


class DurabilityError(ShouwangError):
    """A disk did not keep what it was given; the service stops acknowledging and says so."""


class NoRoomError(DurabilityError):
    """There is no room for a reading now: nothing was written, and the same may be tried again when there is."""


class StaleKeyError(DurabilityError):
    """The keys of the database were changed by another program since this one opened it: nothing was written."""


class BusyError(DurabilityError):
    """Another program holds the database: nothing was written, nobody is at fault, and the same may be tried again."""


class ForbiddenError(ShouwangError):
    """The role does not allow it, or not in that area; says neither what is there nor whether anything is."""
