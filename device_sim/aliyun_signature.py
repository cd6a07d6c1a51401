"""Checks that a request is signed as Aliyun asks (ACS3-HMAC-SHA256), from its description and not from its SDK."""

import hashlib
import hmac
from collections import OrderedDict
from datetime import datetime
from urllib.parse import quote

import msgspec

from core.localtime import to_ms

ALGORITHM = "ACS3-HMAC-SHA256"
SIGNED_AT_LEAST = frozenset(
    {"host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"}
)
"""Headers without which a signature says nothing about what is asked, of whom and when."""

MOST_SKEW_MS = 15 * 60_000
"""Aliyun refuses a request whose date is more than a quarter of an hour away from its own clock."""

MOST_NONCES = 10_000
"""Nonces kept so that none is taken twice; a village makes a few hundred requests on its worst day."""


class SignedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request as it came in; header names in lower case, the query decoded and in its own order."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    body: bytes

    @property
    def action(self) -> str:
        """Return which operation is asked for."""
        return self.headers.get("x-acs-action", "")

    @property
    def parameters(self) -> dict[str, str]:
        """Return its parameters by name."""
        return dict(self.query)


class SignatureCheck:
    """Checks the requests of one account; remembers nonces, so that none is taken twice."""

    def __init__(self, access_key_id: str, access_key_secret: str) -> None:
        self._key_id = access_key_id
        self._secret = access_key_secret
        self._nonces: OrderedDict[str, None] = OrderedDict()

    def fault(self, request: SignedRequest, now_ms: int) -> str:
        """Return Aliyun's code for what is wrong with a request, or ""."""
        given = _authorization(request.headers.get("authorization", ""))
        nonce = request.headers.get("x-acs-signature-nonce", "")
        if given.get("Credential") != self._key_id:
            return "InvalidAccessKeyId.NotFound"
        if not is_signed(request, given, self._secret):
            return "SignatureDoesNotMatch"
        if abs(_date_ms(request.headers["x-acs-date"]) - now_ms) > MOST_SKEW_MS:
            return "InvalidTimeStamp.Expired"
        if not nonce or nonce in self._nonces:
            return "SignatureNonceUsed"
        self._nonces[nonce] = None
        if len(self._nonces) > MOST_NONCES:
            self._nonces.popitem(last=False)
        return ""


def is_signed(request: SignedRequest, given: dict[str, str], secret: str) -> bool:
    """Return whether the signature of an Authorization header, taken apart, is the one that the request has to have."""
    names = given.get("SignedHeaders", "").split(";")
    if not set(names) >= SIGNED_AT_LEAST or not set(names) <= set(request.headers) or names != sorted(names):
        return False
    body_hash = hashlib.sha256(request.body).hexdigest()
    if body_hash != request.headers["x-acs-content-sha256"]:
        return False
    query = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(request.query))
    headers = "".join(f"{name}:{request.headers[name].strip()}\n" for name in names)
    canonical = "\n".join([request.method, request.path or "/", query, headers, ";".join(names), body_hash])
    to_sign = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    expected = hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, given.get("Signature", ""))


def authorization_of(request: SignedRequest) -> dict[str, str]:
    """Return the parts of a request's Authorization header; empty when it is of another kind."""
    return _authorization(request.headers.get("authorization", ""))


def _authorization(header: str) -> dict[str, str]:
    algorithm, _, rest = header.partition(" ")
    if algorithm != ALGORITHM:
        return {}
    return dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)


def _date_ms(text: str) -> int:
    try:
        return to_ms(datetime.fromisoformat(text))
    except ValueError:
        return 0
