"""Tells groups and mailboxes (DingTalk, WeCom, Feishu, mail, ntfy ...) through Apprise; it informs, nothing else."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# (the library has no types)

import asyncio

import apprise
import msgspec

from alerts.attempts import CallNews
from alerts.channels.addresses import check_gate, split
from alerts.channels.faults import Fault, Meaning, result_of
from alerts.model import Attempt, AttemptState
from alerts.ports import Delivery, SendResult, Traits
from core.errors import ConfigurationError
from core.text import Bilingual

REQUEST_TIMEOUT_S = 10.0
"""A second channel must be tried within 15 s of a silent first one."""

HOST_SCHEMES = frozenset({"json", "form", "xml"})
"""Schemes that post to the host they name; only these can point at a stand-in on this machine."""

TITLE = "守望"


class AppriseSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The addresses in Apprise's own form."""

    urls: tuple[str, ...]
    live_calls: bool = False

    def __repr__(self) -> str:
        """Count them: they hold tokens."""
        return f"AppriseSettings({len(self.urls)} addresses, live_calls={self.live_calls})"


class AppriseInform:
    """The channel `apprise`. Each address is told by itself; one that took it is enough."""

    name = "apprise"
    traits = Traits(provider="apprise")

    def __init__(self, settings: AppriseSettings) -> None:
        asset = apprise.AppriseAsset(app_id="Shouwang", async_mode=False)
        self._targets: list[apprise.Apprise] = []
        for number, url in enumerate(settings.urls, start=1):
            where = f"apprise_urls, address {number}"
            # in most of Apprise's schemes the "host" is a token, and the message goes to the service's own machines
            is_own_host = split(url).scheme in HOST_SCHEMES
            check_gate(where, url if is_own_host else "", live_calls=settings.live_calls)
            target = apprise.Apprise(asset=asset)
            if not target.add(_with_time_limit(url)):
                raise ConfigurationError(
                    "Apprise does not know this kind of address",
                    where=where,
                    remedy="write it as Apprise's own list of services shows it",
                )
            self._targets.append(target)

    def refuses(self, to: str) -> Bilingual | None:  # noqa: ARG002 - the port's signature
        """Return None: the number is not used."""
        return None

    async def send(self, delivery: Delivery, *, now_ms: int) -> SendResult:
        """Tell every address; DELIVERED when at least one has taken it."""
        told = await asyncio.gather(*(asyncio.to_thread(_notify, target, delivery.text) for target in self._targets))
        if not any(told):
            fault = Fault(Meaning.NOT_SENT, f"none of {len(told)} addresses took it")
            return result_of(fault, delivery.attempt, now_ms)
        detail = f"{sum(told)} of {len(told)} addresses took it"
        return SendResult(news=CallNews(state=AttemptState.DELIVERED, at_ms=now_ms, detail=detail))

    async def look_up(self, delivery: Delivery, *, now_ms: int) -> SendResult:
        """Return that it goes out once more: a message read twice does no harm, one that is lost may."""
        return result_of(Fault(Meaning.NOT_SENT, "told again"), delivery.attempt, now_ms)

    async def cancel(self, attempt: Attempt, *, now_ms: int) -> None:
        """Do nothing: what was told was told."""


def _notify(target: apprise.Apprise, text: str) -> bool:
    return bool(target.notify(body=text, title=TITLE))


def _with_time_limit(url: str) -> str:
    if "cto=" in url or "rto=" in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}cto={REQUEST_TIMEOUT_S:g}&rto={REQUEST_TIMEOUT_S:g}"
