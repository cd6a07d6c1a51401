"""Weather warnings that another system posts, signed: read into a special period, or refused in words."""

import hashlib
import hmac
from datetime import date

import msgspec

from visits.special import SpecialPeriod


class Warned(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A weather warning as another system posts it."""

    id: str
    level: str
    from_date: date
    until_date: date
    area: str = ""
    title: str = ""
    is_withdrawn: bool = False


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Say whether the body bears its HMAC-SHA256 in hex; never while there is no secret."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return bool(secret) and hmac.compare_digest(digest.encode(), signature.lower().encode())


def warned(body: bytes) -> SpecialPeriod:
    """Return the special period of a posted warning; raises ValueError for what cannot be read."""
    try:
        told = msgspec.json.decode(body, type=Warned)
        return msgspec.convert(
            {
                "id": f"weather-{told.id}"[:100],
                "kind": "weather",
                "from_date": told.from_date,
                "until_date": told.until_date,
                "area": told.area,
                "title": told.title[:100],
                "level": told.level,
                "source": f"webhook:{told.id}"[:100],
                "is_withdrawn": told.is_withdrawn,
            },
            SpecialPeriod,
        )
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from error
