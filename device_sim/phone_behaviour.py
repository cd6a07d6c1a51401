"""What the person at the other end does when a phone rings, and what a telephone company gets wrong; plain data."""

from enum import StrEnum

import msgspec


class Reaction(StrEnum):
    """How a ringing phone ends."""

    ANSWERS = "answers"
    NEVER_ANSWERS = "never_answers"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"  # the provider does not even take the request


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to one call; seconds of simulated time."""

    reaction: Reaction = Reaction.NEVER_ANSWERS
    after_s: float = 5.0  # rings for so long before somebody (or a machine) picks up
    presses: str = ""  # one key for each time it is asked; "" = voicemail, or a person who only listens
    after_press_s: float = 3.0  # listens for so long before each key
    error_code: int = 0  # of a refusal, or of a text that was not delivered


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """What goes wrong with the callbacks of one number."""

    is_doubling: bool = False  # each status callback comes twice
    is_shuffling: bool = False  # each second status callback overtakes the one before it
    is_silent: bool = False  # no status callback ever comes
    delay_s: float = 0.0  # each one comes so much later


class RequestFault(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to one request that makes a call or a text."""

    is_accepted: bool = True  # the phone rings all the same
    hangs: bool = False  # no answer at all, until the client gives up
    status: int = 500
    code: int = 20500
    message: str = "Internal server error"


class Phone:
    """One number's owner, told what to do in the words of a story; the last word goes on for ever.

    `phones.at("+8613900000001").never_answers().then.answers(presses="1")` lets one call ring out first.
    """

    def __init__(self, usual: Behaviour) -> None:
        self._usual = usual
        self._behaviours: list[Behaviour] = []
        self._is_adding = False
        self.faults = Faults()

    @property
    def then(self) -> "Phone":
        """Let the next word come after the words so far instead of replacing them; each but the last is one call."""
        self._is_adding = True
        return self

    def answers(self, *, after_s: float = 5, presses: str = "", after_press_s: float = 3) -> "Phone":
        """Pick up after `after_s` of ringing, and press one key of `presses` each time the script asks."""
        return self._set(
            Behaviour(reaction=Reaction.ANSWERS, after_s=after_s, presses=presses, after_press_s=after_press_s)
        )

    def voicemail(self, *, after_s: float = 20) -> "Phone":
        """Let a machine pick up: it hears the script to its end and presses nothing."""
        return self._set(Behaviour(reaction=Reaction.ANSWERS, after_s=after_s))

    def never_answers(self) -> "Phone":
        """Ring until the caller's patience ends."""
        return self._set(Behaviour(reaction=Reaction.NEVER_ANSWERS))

    def busy(self) -> "Phone":
        """Be in another conversation."""
        return self._set(Behaviour(reaction=Reaction.BUSY))

    def unreachable(self, *, error_code: int = 30003) -> "Phone":
        """Be switched off: calls fail, texts are not delivered."""
        return self._set(Behaviour(reaction=Reaction.UNREACHABLE, error_code=error_code))

    def refused_with(self, error_code: int) -> "Phone":
        """Let the provider refuse this number: 21211 no such number, 21610 its owner wrote STOP, 21215 geography."""
        return self._set(Behaviour(reaction=Reaction.REFUSED, error_code=error_code))

    def with_faults(
        self, *, is_doubling: bool = False, is_shuffling: bool = False, is_silent: bool = False, delay_s: float = 0
    ) -> "Phone":
        """Spoil this number's status callbacks."""
        self.faults = Faults(is_doubling=is_doubling, is_shuffling=is_shuffling, is_silent=is_silent, delay_s=delay_s)
        return self

    @property
    def behaviour(self) -> Behaviour:
        """What it does next."""
        return self._behaviours[0] if self._behaviours else self._usual

    def take(self) -> Behaviour:
        """Return what it does with this call, and go on to the next word."""
        behaviour = self.behaviour
        if len(self._behaviours) > 1:
            self._behaviours.pop(0)
        return behaviour

    def _set(self, behaviour: Behaviour) -> "Phone":
        if not self._is_adding:
            self._behaviours.clear()
        self._is_adding = False
        self._behaviours.append(behaviour)
        return self


class Phones:
    """Everybody's phone, by E.164 number; the networks of two providers ring the same ones."""

    def __init__(self, usual: Behaviour | None = None) -> None:
        self._usual = usual or Behaviour(reaction=Reaction.NEVER_ANSWERS)
        self._phones: dict[str, Phone] = {}

    def at(self, number: str) -> Phone:
        """Return the phone of a number, to tell it what it does."""
        return self._phones.setdefault(number, Phone(self._usual))
