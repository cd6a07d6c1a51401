"""Errors that a person can act on: what is wrong, where, and what to do."""


class ShouwangError(Exception):
    """The root of every error that this project raises on purpose."""


class ConfigurationError(ShouwangError):
    """A setting, rule or file that cannot be used; names the file, the line and the remedy."""

    def __init__(self, what: str, *, where: str, remedy: str) -> None:
        super().__init__(f"{where}: {what}. Remedy: {remedy}")
        self.what = what
        self.where = where
        self.remedy = remedy


class NotFoundError(ShouwangError):
    """No such person, home, device, alert or visit."""


class ConflictError(ShouwangError):
    """Somebody else was first: the version or the state has moved on."""


class DurabilityError(ShouwangError):
    """A disk did not keep what it was given; the service stops acknowledging and says so."""


class NoRoomError(DurabilityError):
    """There is no room for a reading now: nothing was written, and the same may be tried again when there is."""
