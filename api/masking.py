"""How personal fields look to somebody who gave no reason to see them; refuses to be undone by a second pass."""

from typing import Annotated

from pydantic import AfterValidator

VISIBLE_PHONE_DIGITS = 4
"""Enough to tell two numbers of one family apart, too few to ring them (policy B5)."""

MASKED_PHONE_PREFIX = "•••"


def masked_name(name: str) -> str:
    """Return the family name's first character and a star, e.g. 王*; empty stays empty."""
    name = name.strip()
    return f"{name[0]}*" if name else ""


def masked_phone(phone: str) -> str:
    """Return the last four digits behind dots; a number too short to hide anything is hidden whole."""
    digits = "".join(sign for sign in phone if sign.isdigit())
    if phone.startswith(MASKED_PHONE_PREFIX):
        return MASKED_PHONE_PREFIX + digits[-VISIBLE_PHONE_DIGITS:]
    if not digits:
        return ""
    return MASKED_PHONE_PREFIX + (digits[-VISIBLE_PHONE_DIGITS:] if len(digits) > VISIBLE_PHONE_DIGITS else "")


MaskedName = Annotated[str, AfterValidator(masked_name)]
"""A name that no view can carry unmasked: whatever it is built from, it keeps one character."""

MaskedPhone = Annotated[str, AfterValidator(masked_phone)]
"""A number that no view can carry unmasked."""
