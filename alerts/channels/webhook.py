"""Tells another system in Alertmanager's words, signed; it informs and never acknowledges."""

import hashlib
import hmac
import json
from datetime import UTC, datetime

import httpx
import msgspec

from alerts.attempts import CallNews
from alerts.channels.addresses import check_gate, is_loopback, is_plain_url
from alerts.channels.faults import Fault, Meaning, result_of
from alerts.model import Attempt, AttemptState
from alerts.ports import Delivery, SendResult, Traits
from core.errors import ConfigurationError
from core.text import Bilingual

REQUEST_TIMEOUT_S = 10.0
"""A second channel must be tried within 15 s of a silent first one."""

LEAST_SECRET_CHARS = 16
"""Shorter ones are guessed."""

SIGNATURE_HEADER = "X-Shouwang-Signature"
NEVER_ENDS = "0001-01-01T00:00:00Z"  # Alertmanager's own word for an alert that has not ended

_SEVERITY = ("critical", "critical", "warning", "info")
_REDIRECT, _CLIENT_ERROR, _SERVER_ERROR, _OK = 300, 400, 500, 200
_MISCONFIGURED = frozenset({401, 403, 404, 405, 407, 410})
_NOT_NOW = frozenset({408, 425, 429})


class WebhookSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where to post and what to sign with; raises ConfigurationError for what can never work."""

    url: str
    secret: str
    external_url: str = ""  # the console, for whoever reads the message
    live_calls: bool = False
    request_timeout_s: float = REQUEST_TIMEOUT_S

    def __post_init__(self) -> None:
        if not is_plain_url(self.url):
            raise ConfigurationError(
                "this cannot be used", where="webhook_url", remedy="http(s)://host[:port]/path, no query or user"
            )
        if len(self.secret) < LEAST_SECRET_CHARS:
            raise ConfigurationError(
                "it is too short", where="webhook_secret", remedy=f"at least {LEAST_SECRET_CHARS} random characters"
            )
        check_gate("webhook_url", self.url, live_calls=self.live_calls)

    def __repr__(self) -> str:
        """Without address and secret: both may hold a key."""
        return f"WebhookSettings(live_calls={self.live_calls})"


class Webhook:
    """The channel `webhook`. Repeating is harmless: every try of an attempt carries the same Idempotency-Key."""

    name = "webhook"
    traits = Traits(provider="webhook")

    def __init__(self, settings: WebhookSettings) -> None:
        self._settings = settings

    def refuses(self, to: str) -> Bilingual | None:  # noqa: ARG002 - the port's signature
        """Return None: the number is not used."""
        return None

    async def send(self, delivery: Delivery, *, now_ms: int) -> SendResult:
        """Post it; DELIVERED when the other system has taken it."""
        attempt = delivery.attempt
        body = json.dumps(body_of(delivery, now_ms, self._settings.external_url), ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": str(attempt.id),
            SIGNATURE_HEADER: signature(self._settings.secret, body, now_ms // 1000),
        }
        try:
            answer = await self._post(body, headers)
        except (httpx.HTTPError, OSError) as error:
            # perhaps taken all the same: the key lets the other side see that it is the same one again
            return result_of(Fault(Meaning.NOT_SENT, f"no answer: {type(error).__name__}"), attempt, now_ms)
        return _result(answer.status_code, attempt, now_ms)

    async def look_up(self, delivery: Delivery, *, now_ms: int) -> SendResult:
        """Return that it goes out once more: the other side knows it by its Idempotency-Key."""
        return result_of(Fault(Meaning.NOT_SENT, "posted again under the same key"), delivery.attempt, now_ms)

    async def cancel(self, attempt: Attempt, *, now_ms: int) -> None:
        """Do nothing: what was told was told."""

    async def _post(self, body: bytes, headers: dict[str, str]) -> httpx.Response:
        settings = self._settings
        is_own = is_loopback(settings.url)  # a proxy must not stand between us and our own machine
        async with httpx.AsyncClient(timeout=settings.request_timeout_s, trust_env=not is_own) as client:
            return await client.post(settings.url, content=body, headers=headers)


def signature(secret: str, body: bytes, at_s: int) -> str:
    """Return the header: the time and an HMAC-SHA256 over "<time>.<body>": nothing old can be replayed."""
    digest = hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={digest}"


def body_of(delivery: Delivery, now_ms: int, external_url: str) -> dict[str, object]:
    """Return the message in the shape of Alertmanager's webhook, version 4; no name, number or address is in it."""
    effect = delivery.attempt.effect
    labels = {"alertname": "shouwang_alert", "severity": _SEVERITY[effect.priority], "priority": effect.priority.name}
    annotations = {"summary": delivery.text}
    alert = {
        "status": "firing",
        "labels": {**labels, "alert_id": str(effect.alert_id)},
        "annotations": annotations,
        "startsAt": datetime.fromtimestamp(now_ms / 1000, UTC).isoformat(timespec="milliseconds"),
        "endsAt": NEVER_ENDS,
        "generatorURL": external_url,
        "fingerprint": str(effect.alert_id),
    }
    return {
        "version": "4",
        "groupKey": f'{{}}:{{alert_id="{effect.alert_id}"}}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "shouwang",
        "groupLabels": {"alert_id": str(effect.alert_id)},
        "commonLabels": {**labels, "alert_id": str(effect.alert_id)},
        "commonAnnotations": annotations,
        "externalURL": external_url,
        "alerts": [alert],
    }


def _result(status: int, attempt: Attempt, now_ms: int) -> SendResult:
    detail = f"HTTP {status}"
    if _OK <= status < _REDIRECT:
        return SendResult(news=CallNews(state=AttemptState.DELIVERED, at_ms=now_ms, detail=detail))
    if status in _NOT_NOW or status >= _SERVER_ERROR:
        meaning = Meaning.NOT_SENT
    elif status < _CLIENT_ERROR or status in _MISCONFIGURED:  # a redirect is not followed: it may lead elsewhere
        meaning = Meaning.MISCONFIGURED
    else:
        meaning = Meaning.PERMANENT
    return result_of(Fault(meaning, detail), attempt, now_ms)
