"""Settings of the service: one TOML file and the environment; a wrong one names its file, line and remedy."""

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import time
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from api.language import Language
from app.environment import ENV_PREFIX, settings_in
from app.further_brokers import FurtherBrokers, check_names
from app.settings_lines import line_of
from core.errors import ConfigurationError
from core.localtime import DEFAULT_ZONE_NAME, zone

SETTINGS_FILE = "shouwang.toml"


SECRET_CHARS = 16
"""The least of a secret that signs what other systems post: 64 bits even of hex digits."""


class Settings(BaseModel):
    """Every setting; docs/operations.md has a heading for each. Environment: SHOUWANG_ + the name in capitals."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Path = Field(default=Path("shouwang-data"), description="Journal, truth, time series, key file")
    zone: str = Field(default=DEFAULT_ZONE_NAME, description="Time zone of local dates and of day and night")
    language: Language = Field(
        default=Language.BOTH, description="The console's, for who chose none in it: zh, en, or both"
    )
    clock: Literal["system", "driven"] = Field(default="system", description="driven: a replay sets the time")
    rules_file: str = Field(default="", description="The town's rulebook (docs/rules.md); empty: the rules that ship")
    ladders_file: str = Field(default="", description="The town's ladders (docs/operations.md); empty: those that ship")
    town_name: str = Field(default="", description="Town's name on annex 2, e.g. 树人镇; empty: as the areas name it")
    print_fonts: str = Field(default="", description="Folder of further fonts for the rarest characters of names")
    sheets_hour: int = Field(
        default=17, ge=0, le=23, description="Local hour at which each village's evening sheet is made"
    )
    journal_days: int = Field(default=90, ge=1, description="Days of readings that the journal keeps for replays")
    journal_floor_days: int = Field(
        default=14, ge=1, description="Days that it keeps even when room runs out: then ingest stops instead"
    )
    journal_max_mb: int = Field(default=20_000, ge=1, description="Size at which readings are refused")
    disk_reserve_mb: int = Field(
        default=500, ge=0, description="Free space that readings never take: alarms and the ledger are written there"
    )
    series_raw_days: int = Field(default=90, ge=1, description="Days of single readings and of 5-minute figures")
    series_daily_days: int = Field(default=730, ge=1, description="Days of daily figures")
    retention_years: int = Field(
        default=5, ge=1, description="Years after service ended at which a person is listed for erasure"
    )
    gathered_days: int = Field(
        default=365, ge=1, description="Days that what refused rows of gathered lists said is kept"
    )
    remote_calls_count: bool = Field(
        default=True, description="A call answered by key and signed counts for general people"
    )
    remote_month_letter: str = Field(
        default="", description="Town's letter that lets a signed month of monitoring count; empty: it never does"
    )
    weather_secret: str = Field(
        default="", description="Signs weather warnings posted to /callbacks/weather; 16 or more random characters"
    )
    mqtt_host: str = Field(default="", description="The broker; empty starts the embedded one")
    mqtt_port: int = Field(default=1883, ge=0, le=65535, description="The broker's port; embedded: 0 takes a free one")
    mqtt_bind: str = Field(default="127.0.0.1", description="Where the embedded broker listens")
    mqtt_username: str = Field(default="", description="Account at a broker that is not embedded")
    mqtt_password: str = Field(default="", description="Its password; better in the environment than in a file")
    mqtt_client_id: str = Field(default="", description="Secret name of the ingest session; empty: made once and kept")
    mqtt_tls: bool = Field(default=False, description="TLS to the broker")
    mqtt_ca_file: str = Field(default="", description="Certificates that sign the broker's; empty: the system's")
    mqtt_cert_file: str = Field(default="", description="This service's own certificate, where the broker asks for one")
    mqtt_key_file: str = Field(default="", description="Its key, without a pass phrase")
    mqtt_version: Literal["3.1.1", "5"] = Field(default="3.1.1", description="MQTT's; the embedded broker speaks 3.1.1")
    brokers: FurtherBrokers = Field(
        default=(), description="Further brokers, a [[brokers]] table each (see Brokers); in the environment as JSON"
    )
    mqtt_topics: str = Field(default="", description="Further topics to listen to, e.g. box/#; spaces between them")
    mqtt_shared_account: bool = Field(
        default=True, description="Devices without a credential of their own may use the embedded broker's shared one"
    )
    mosquitto_dir: str = Field(
        default="", description="Folder for the password and access files of a Mosquitto; empty: none are written"
    )
    ack_wait_s: float = Field(5.0, gt=0, description="The broker's wait before it delivers again")
    http_host: str = Field(default="127.0.0.1", description="Where the console and the API listen")
    http_port: int = Field(default=8080, ge=0, le=65535, description="Their port; 0 takes a free one")
    public_base_url: str = Field(
        default="", description="Address at which the phone provider reaches this service; empty: no key can be pressed"
    )
    secure_cookies: bool = Field(default=False, description="True behind HTTPS: cookies are sent only there")
    desk_number: str = Field(default="", description="Duty desk's number, told to whom no key can be asked for")
    routes_file: str = Field(default="", description="Order of channels by number prefix; empty: the built-in one")
    live_calls: bool = Field(default=False, description="True allows real calls; false only a stand-in on this machine")
    twilio_account_sid: str = Field(default="", description="Phone provider's account; empty: nobody is rung")
    twilio_auth_token: str = Field(default="", description="Its token")
    twilio_second_auth_token: str = Field(default="", description="Accepted too while tokens are rotated")
    twilio_from_number: str = Field(default="", description="The number we call from, E.164")
    twilio_calls_per_s: float = Field(
        default=1.0, gt=0, description="Calls handed over in a second; Twilio starts one and queues the rest"
    )
    twilio_api_base: str = Field(default="", description="Another address of the API, e.g. a stand-in")
    aliyun_access_key_id: str = Field(default="", description="Account for mainland calls and texts; empty: none")
    aliyun_access_key_secret: str = Field(default="", description="Its secret; better in the environment")
    aliyun_shown_number: str = Field(default="", description="Bought number that mainland calls come from")
    aliyun_resident_code: str = Field(default="", description="Approved voice text for residents; asks for key 1 only")
    aliyun_contact_code: str = Field(default="", description="Approved voice text with ${kind}; asks for keys 1 and 2")
    aliyun_service_code: str = Field(
        default="",
        description="Approved voice text with ${kind} about the service itself: no home, keys 1 and 2; empty: the one "
        "for contacts, which speaks of a home",
    )
    aliyun_thanks_code: str = Field(default="", description="Approved voice text after a key")
    aliyun_sign_name: str = Field(default="", description="Approved signature of texts")
    aliyun_sms_template: str = Field(default="", description="Approved text with ${number}")
    aliyun_bundle_template: str = Field(default="", description="Approved text with ${count}, of a morning's tickets")
    aliyun_callback_token: str = Field(
        default="",
        description="Secret, 24 or more letters; reports go to public_base_url/callbacks/aliyun/<it>/voice and /sms",
    )
    aliyun_api_base: str = Field(default="", description="Another address of the API, e.g. a stand-in")
    webhook_url: str = Field(
        default="", description="Told of alerts in Alertmanager's form (channel webhook); empty: none"
    )
    webhook_secret: str = Field(default="", description="Signs what is posted there; 16 or more random characters")
    apprise_urls: str = Field(default="", description="Groups and mailboxes in Apprise's form, parted by spaces")
    canary_at: str = Field(default="", description='Local time of the daily test alarm, e.g. "10:00"; empty: none')
    canary_number: str = Field(default="", description="Sink number that the test alarm rings, E.164; nobody's phone")
    dead_man_url: str = Field(default="", description="External watchdog, pinged each minute while all is well")
    influx_url: str = Field(default="", description="InfluxDB 2.x or 1.8+ as a further copy")
    influx_token: str = Field(default="", description="Its token, or user:password for 1.8")
    influx_org: str = Field(default="", description="Its organisation")
    influx_bucket: str = Field(default="", description="Its bucket, or database/policy for 1.8")

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        try:
            zone(self.zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"zone: no time zone is called {self.zone!r}; use a name such as Asia/Shanghai") from None
        if self.journal_floor_days > self.journal_days:
            raise ValueError("journal_floor_days: more than journal_days; the floor is what stays when room runs out")
        if self.live_calls and self.clock == "driven":
            raise ValueError("live_calls: a replay must not ring real phones; set it to false or clock to system")
        if self.live_calls and not (self.twilio_account_sid or self.aliyun_access_key_id):
            raise ValueError("live_calls: needs a phone provider: twilio_account_sid or aliyun_access_key_id")
        if self.live_calls and self.aliyun_shown_number and not self.public_base_url:
            raise ValueError("aliyun_shown_number: its calls ask for keys; set public_base_url, where they come to")
        self._check_canary()
        self._check_brokers()
        if self.weather_secret and len(self.weather_secret) < SECRET_CHARS:
            raise ValueError(f"weather_secret: has fewer than {SECRET_CHARS} characters; make a random one")
        for name in ("dead_man_url", "influx_url"):
            address = getattr(self, name)
            if address and not address.startswith(("https://", "http://")):
                raise ValueError(f"{name}: is no web address; write https://...")
        return self

    def _check_brokers(self) -> None:
        check_names(self.brokers)
        if self.brokers and self.clock == "driven":
            raise ValueError("brokers: a replay drives the clock through one broker; leave the others out")
        if self.mqtt_version == "5" and not self.mqtt_host:
            raise ValueError("mqtt_version: the embedded broker speaks 3.1.1 only; leave it out, or set mqtt_host")

    def _check_canary(self) -> None:
        if not self.canary_at:
            return
        try:
            time.fromisoformat(self.canary_at)
        except ValueError:
            raise ValueError(f'canary_at: {self.canary_at!r} is no time of day; write it as "10:00"') from None
        if not re.fullmatch(r"\+[1-9]\d{6,14}", self.canary_number):
            raise ValueError("canary_number: a test alarm needs a number to ring, such as +8610000000000")
        if self.clock == "driven":
            raise ValueError("canary_at: a replay raises no test alarm; leave it out, or set clock to system")

    _places: Mapping[str, str] = PrivateAttr(default_factory=dict[str, str])

    def placed(self, places: Mapping[str, str]) -> Self:
        """Remember where each setting was given."""
        self._places = places
        return self

    def place_of(self, name: str) -> str:
        """Return where a setting was given: file and line, or variable; its name where that is not known."""
        return self._places.get(name, name)

    def file_named_by(self, name: str) -> Path:
        """Return the file that a setting names; raises ConfigurationError with the setting's place if there is none."""
        path = Path(getattr(self, name))
        if not path.exists():
            where = self.place_of(name)
            raise ConfigurationError(f"{path}: there is no such file", where=where, remedy="name another")
        return path

    @property
    def base_url(self) -> str:
        """Return the address callbacks come to."""
        return (self.public_base_url or f"http://{self.http_host}:{self.http_port}").rstrip("/")


def load_settings(path: Path | None, environ: Mapping[str, str], **given: object) -> Settings:
    """Return settings from a file (None: ./shouwang.toml if there), the environment over it, `given` over both.

    Raises ConfigurationError naming the file and line, or the variable, and the remedy.
    """
    file = path or Path(SETTINGS_FILE)
    text, values = "", {}
    if path is not None and not path.exists():
        raise ConfigurationError("there is no such file", where=str(path), remedy="name another with --config")
    if file.exists():
        text = file.read_text("utf-8")
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError(f"not TOML: {error}", where=str(file), remedy="correct that line") from error
    from_env = settings_in(environ, Settings.model_fields)
    chosen = {name: value for name, value in given.items() if value is not None}
    try:
        settings = Settings.model_validate({**values, **from_env, **chosen})
    except ValidationError as error:
        raise _explained(error, file, text, from_env, chosen) from error
    return settings.placed(
        {name: _place_of((name,), file, text, from_env, chosen) for name in settings.model_fields_set}
    )


def process_environment() -> Mapping[str, str]:
    """Return the environment of this process."""
    return os.environ


def _explained(
    error: ValidationError, file: Path, text: str, from_env: Mapping[str, str], chosen: Mapping[str, object]
) -> ConfigurationError:
    first = error.errors(include_url=False)[0]
    message = str(first["msg"]).removeprefix("Value error, ")
    name = str(first["loc"][0]) if first["loc"] else message.partition(":")[0]
    if within := ".".join(map(str, first["loc"][1:])):
        message = f"{name}.{within}: {message}"
    where = _place_of(first["loc"] or (name,), file, text, from_env, chosen)
    remedy = "correct the value"
    if first["type"] == "extra_forbidden":
        message = f"{'.'.join(map(str, first['loc']))} is not a setting"
        remedy = "docs/operations.md lists every setting"
    return ConfigurationError(f"{name}: {message}" if name not in message else message, where=where, remedy=remedy)


def _place_of(
    place: Sequence[str | int], file: Path, text: str, from_env: Mapping[str, str], chosen: Mapping[str, object]
) -> str:
    name = str(place[0])
    if name in chosen:
        return f"the command line, {name}"
    if name in from_env:
        return f"the environment variable {ENV_PREFIX}{name.upper()}"
    return f"{file}, line {line_of(place, text)}"
