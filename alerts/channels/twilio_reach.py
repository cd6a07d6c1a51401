"""Whether Twilio's callbacks find their way to us; without them a call is told everything at once and asked about."""

MISSED_MOST = 2
"""One call without a callback may be a lost request; two in a row mean that our address cannot be reached."""


class CallbackReach:
    """One per account. Closed from the start without a public address; otherwise what was seen last decides."""

    def __init__(self, public_base_url: str) -> None:
        self._has_address = bool(public_base_url)
        self._missed = 0

    @property
    def is_open(self) -> bool:
        """True while callbacks are to be expected."""
        return self._has_address and self._missed < MISSED_MOST

    def heard(self) -> None:
        """Note a callback that Twilio signed."""
        self._missed = 0

    def missed(self) -> None:
        """Note a call that Twilio says has gone on while no callback told of it."""
        self._missed += 1
