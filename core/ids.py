"""The identifiers that cross rooms; plain strings with a type, none of them personal data."""

import hashlib
from typing import NewType

HomeId = NewType("HomeId", str)
DeviceId = NewType("DeviceId", str)  # unique within the service, e.g. "h0123/kitchen_pir"
PersonId = NewType("PersonId", str)
ContactId = NewType("ContactId", str)
FindingId = NewType("FindingId", str)
AlertId = NewType("AlertId", str)
AttemptId = NewType("AttemptId", str)
VisitId = NewType("VisitId", str)
EffectKey = NewType("EffectKey", str)

DERIVED_ID_CHARS = 20  # 80 bits: a birthday collision needs ~10^12 ids


def derived_id(*parts: str | int) -> str:
    """Return the same short hex id for the same parts, so that a replay names things as the first run did."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:DERIVED_ID_CHARS]
