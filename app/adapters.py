"""Adapters made from settings: the listening socket, the phone provider, the test alarm, the further store."""

import logging
import socket
from datetime import time

from alerts.channels.addresses import is_loopback
from alerts.channels.aliyun_settings import AliyunSettings
from alerts.channels.twilio_settings import TwilioSettings
from alerts.channels.webhook import WebhookSettings
from app.bind_address import check_bind
from app.broker import DEFAULT_IN_FLIGHT, EmbeddedBroker
from app.canary import Canary
from app.desk_service import DeskService
from app.device_inbox import DeviceInbox
from app.directory import RegistryDirectory
from app.files import DataFiles
from app.parked_keeper import ParkedKeeper
from app.running import STAND_IN_NUMBER, RunningService, here, stand_in
from app.settings import Settings
from core.clock import Clock, ManualClock
from core.errors import ConfigurationError
from ingest.admission import DEDUPE_KEYS, Admission
from ingest.formats.announced import MAX_ANNOUNCED
from ingest.formats.conventions import FILTERS
from ingest.session import IngestSession, SessionSettings
from store.definitions import DefinitionFile
from store.influx_ledger import InfluxLedger
from store.influx_series import InfluxSeries, InfluxTarget
from store.journal import Journal
from store.parked import ParkedFile
from store.truth.database import Truth

LARGEST_PACKET_ID = 65_535
_log = logging.getLogger(__name__)


def listening(settings: Settings) -> socket.socket:
    """Return the bound socket of console and API; raises ConfigurationError for a foreign address or a taken port."""
    check_bind(settings, "http_host")
    family = socket.AF_INET6 if ":" in settings.http_host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.http_host, settings.http_port))
        listener.listen()  # who comes before the server is up waits instead of being refused
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"cannot listen on {settings.http_host}:{settings.http_port}: {error.strerror}",
            where="http_host, http_port",
            remedy="stop what uses that port, or choose another http_port (0 takes a free one)",
        ) from error
    return listener


def twilio_settings(settings: Settings, base_url: str) -> TwilioSettings | None:
    """Return the provider's settings, the stand-in of a simulation, or None: then calls go to the console."""
    if not settings.twilio_account_sid and settings.clock == "driven":
        phones = stand_in(settings.data_dir)  # a simulation rings the phones of its own village
        return TwilioSettings(
            account_sid=phones.account_sid,
            auth_token=phones.auth_token,
            from_number=STAND_IN_NUMBER,
            calls_per_s=settings.twilio_calls_per_s,
            public_base_url=base_url,
            api_base=phones.api_base,
        )
    if not settings.twilio_account_sid:
        return None
    if not settings.live_calls and not is_loopback(settings.twilio_api_base):
        _log.warning("live_calls is false: calls are shown on the duty board and nobody is rung")
        return None
    return twilio_account(settings, base_url if is_loopback(settings.twilio_api_base) else settings.public_base_url)


def twilio_account(settings: Settings, public_base_url: str) -> TwilioSettings:
    """Return the account that the settings describe; raises ConfigurationError for what can never work."""
    return TwilioSettings(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token,
        second_auth_token=settings.twilio_second_auth_token,
        from_number=settings.twilio_from_number,
        calls_per_s=settings.twilio_calls_per_s,
        public_base_url=public_base_url,
        api_base=settings.twilio_api_base,
        live_calls=settings.live_calls,
    )


def aliyun_account(settings: Settings) -> AliyunSettings:
    """Return the account for mainland numbers; raises ConfigurationError for what can never work."""
    return AliyunSettings(
        access_key_id=settings.aliyun_access_key_id,
        access_key_secret=settings.aliyun_access_key_secret,
        shown_number=settings.aliyun_shown_number,
        resident_code=settings.aliyun_resident_code,
        contact_code=settings.aliyun_contact_code,
        service_code=settings.aliyun_service_code,
        thanks_code=settings.aliyun_thanks_code,
        sign_name=settings.aliyun_sign_name,
        sms_template=settings.aliyun_sms_template,
        bundle_template=settings.aliyun_bundle_template,
        callback_token=settings.aliyun_callback_token,
        api_base=settings.aliyun_api_base,
        live_calls=settings.live_calls,
    )


def webhook_settings(settings: Settings) -> WebhookSettings:
    """Return where alerts are posted; raises ConfigurationError for what can never work."""
    return WebhookSettings(
        url=settings.webhook_url,
        secret=settings.webhook_secret,
        external_url=settings.public_base_url,
        live_calls=settings.live_calls,
    )


def canary(settings: Settings, truth: Truth, desk: DeskService, ingest: IngestSession) -> Canary:
    """Return the daily test alarm, raised through the session's own broker."""
    return Canary(
        truth,
        desk,
        ingest.publish,
        is_connected=lambda: ingest.counters.is_main_connected,
        at=time.fromisoformat(settings.canary_at),
        number=settings.canary_number,
        zone_name=settings.zone,
    )


def embedded_broker(settings: Settings) -> EmbeddedBroker:
    """Return the broker that serves where no other is named; not started."""
    return EmbeddedBroker(
        settings.data_dir / "broker",
        settings.mqtt_port,
        settings.mqtt_bind,
        ack_wait_s=settings.ack_wait_s,
        topics=_own_topics(settings),
        has_shared_account=settings.mqtt_shared_account,
    )


def admission_of(
    settings: Settings, truth: Truth, journal: Journal, definitions: DefinitionFile, clock: Clock
) -> Admission:
    """Return the door that messages come in by, with what it knows of the past."""
    topics = all_topics(settings)
    return Admission(
        RegistryDirectory(truth),
        journal.recent_readings(DEDUPE_KEYS),
        topics,
        definitions,
        max_announced=announced_room(settings, topics),
        now_ms=None if isinstance(clock, ManualClock) else clock.now_ms(),
    )


def announced_room(settings: Settings, topics: tuple[str, ...]) -> int:
    """Return how many topics may be heard beside the filters: NATS counts what each may have in flight, `#` twice."""
    if settings.mqtt_host:
        return MAX_ANNOUNCED
    taken = sum(2 if topic.endswith("#") else 1 for topic in topics)
    return max(0, LARGEST_PACKET_ID // DEFAULT_IN_FLIGHT - taken)


def sessions(settings: Settings, broker: EmbeddedBroker | None, client_id: str) -> list[SessionSettings]:
    """Return how ingest connects to every broker, the main one first."""
    return [
        session_settings(settings, broker, client_id, _own_topics(settings)),
        *(further.session(client_id) for further in settings.brokers),
    ]


def all_topics(settings: Settings) -> tuple[str, ...]:
    """Return every filter that any broker is listened to by."""
    return (*_own_topics(settings), *(topic for one in settings.brokers for topic in one.topics.split()))


def _own_topics(settings: Settings) -> tuple[str, ...]:
    return (*FILTERS, *settings.mqtt_topics.split())


def session_settings(
    settings: Settings, broker: EmbeddedBroker | None, client_id: str, topics: tuple[str, ...]
) -> SessionSettings:
    """Return how the ingest session connects; `broker` None: to the one that the settings name."""
    return SessionSettings(
        host=settings.mqtt_host if broker is None else broker.host,
        port=settings.mqtt_port if broker is None else broker.port,
        client_id=client_id,
        username=settings.mqtt_username if broker is None else broker.accounts.ingest.username,
        password=settings.mqtt_password if broker is None else broker.accounts.ingest.password,
        topics=topics,
        is_driven=settings.clock == "driven",
        ack_wait_s=settings.ack_wait_s,
        version=settings.mqtt_version,
        tls=settings.mqtt_tls,
        ca_file=settings.mqtt_ca_file,
        cert_file=settings.mqtt_cert_file,
        key_file=settings.mqtt_key_file,
    )


def running(settings: Settings, base_url: str, port: int, broker: EmbeddedBroker | None) -> RunningService:
    """Return what other processes of this machine are told of the service; `broker` None: one of its own."""
    host = here(settings.http_host)
    return RunningService(
        base_url=base_url,
        local_url=f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}",
        clock=settings.clock,
        mqtt_host=settings.mqtt_host if broker is None else broker.host,
        mqtt_port=settings.mqtt_port if broker is None else broker.port,
        simulator_username=settings.mqtt_username if broker is None else broker.accounts.simulator.username,
        simulator_password=settings.mqtt_password if broker is None else broker.accounts.simulator.password,
    )


def influx(settings: Settings) -> InfluxSeries:
    """Return the InfluxDB copy of the time series."""
    target = InfluxTarget(
        url=settings.influx_url,
        token=settings.influx_token,
        org=settings.influx_org,
        bucket=settings.influx_bucket,
    )
    return InfluxSeries(target, InfluxLedger(DataFiles(settings.data_dir).influx), zone_name=settings.zone)


def parked_keeper(
    files: DataFiles, truth: Truth, admission: Admission, ingest: IngestSession, clock: Clock
) -> ParkedKeeper:
    """Return what follows the parked messages of the journal."""
    parked = ParkedFile(files.journal)
    inbox = DeviceInbox(truth, parked, admission.conventions.learned.identities)
    return ParkedKeeper(truth, parked, inbox, ingest.reread, clock)
