"""The press of a service or a command, put together from its settings; a command needs no more of the service."""

from pathlib import Path

from app.counting import policy_of
from app.paper.press import Press
from app.settings import Settings
from core.clock import Clock
from store.truth.database import Truth


def press_of(settings: Settings, truth: Truth, clock: Clock) -> Press:
    """Return the press; raises ConfigurationError for a policy that cannot be used."""
    fonts = Path(settings.print_fonts) if settings.print_fonts else None
    return Press(truth, clock, policy_of(settings), settings.zone, fonts, town=settings.town_name)
