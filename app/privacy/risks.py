"""What the settings and the data say against privacy: a row each, with what to do; nothing found is told too."""

from collections.abc import Iterator

from app.settings import Settings
from registry.access import Deed, is_granted
from store.truth.database import Unit

_LOCAL = ("127.0.0.1", "localhost", "::1")


def risks_of(unit: Unit, settings: Settings) -> tuple[tuple[str, str, str], ...]:
    """Return (risk, as it is, what to do)."""
    found = [*_of_settings(settings), *_of_data(unit)]
    return tuple(found) or (("—", "未发现 nothing found", "—"),)


def _of_settings(settings: Settings) -> Iterator[tuple[str, str, str]]:
    if settings.live_calls and settings.twilio_account_sid:
        yield ("出境 transfer abroad", "Twilio", "安全评估或标准合同（第三十八条） assessment or standard contract")
    if settings.mqtt_host and settings.mqtt_host not in _LOCAL and not settings.mqtt_tls:
        yield ("读数明文传输 readings travel in clear", f"mqtt_tls false, {settings.mqtt_host}", "mqtt_tls = true")
    if not settings.mqtt_host and settings.mqtt_bind not in _LOCAL:
        yield (
            "读数明文传输 readings travel in clear",
            f"mqtt_bind {settings.mqtt_bind}",
            "TLS 代理 a TLS proxy before it",
        )
    if settings.mqtt_shared_account:
        yield ("设备共用账号 devices share an account", "mqtt_shared_account true", "shouwang credential issue")
    if settings.http_host not in _LOCAL and not settings.secure_cookies:
        yield ("控制台未加密 console without HTTPS", f"http_host {settings.http_host}", "HTTPS, secure_cookies = true")
    if settings.influx_url.startswith("http://"):
        yield ("读数明文传输 readings travel in clear", settings.influx_url, "https://")


def _of_data(unit: Unit) -> Iterator[tuple[str, str, str]]:
    grants = {name: unit.accounts.grants(name) for name in unit.accounts.names()}
    free = sorted(name for name, held in grants.items() if not held)
    if free:
        yield ("账号无角色 accounts without a role", ", ".join(free), "shouwang account grant")
    officers = [name for name, held in grants.items() if is_granted(held, Deed.PRIVACY)]
    if len(officers) < 2:  # noqa: PLR2004 - one asks for an erasure, another carries it out
        yield ("删除须两人 an erasure needs two officers", f"{len(officers)}", "shouwang account grant NAME privacy")
    if unit.privacy.key_changes() == 0:
        yield ("密钥从未更换 the key was never changed", "0", "shouwang keys rotate")
