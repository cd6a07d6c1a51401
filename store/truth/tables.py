"""The tables of the truth database; holds no behaviour, and store/migrations builds exactly these."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

metadata = MetaData()

IS_OPEN_ALERT = "state NOT IN ('closed', 'withdrawn')"


def _to_alert() -> ForeignKey:
    # deferred: within one transaction the order of finding and alert does not matter
    return ForeignKey("alert.id", deferrable=True, initially="DEFERRED")


person = Table(
    "person",
    metadata,
    Column("id", String, primary_key=True),
    Column("home_id", String, nullable=False),
    Column("area", String, nullable=False),
    Column("details", LargeBinary, nullable=False),  # everything else about the person, sealed JSON
    Column("name", LargeBinary, nullable=False),
    Column("id_number", LargeBinary, nullable=False),
    Column("phone", LargeBinary, nullable=False),
    Column("address", LargeBinary, nullable=False),
    Column("illness", LargeBinary, nullable=False),
    Column("id_number_blind", LargeBinary),
    Column("phone_blind", LargeBinary),
    Index("ix_person_home", "home_id"),
    Index("ix_person_area", "area"),
    Index("ux_person_id_number", "id_number_blind", unique=True),
    Index("ix_person_phone", "phone_blind"),
)

contact = Table(
    "contact",
    metadata,
    Column("id", String, primary_key=True),
    Column("person_id", String, ForeignKey("person.id", deferrable=True, initially="DEFERRED"), nullable=False),
    Column("role", String, nullable=False),
    Column("position", Integer, nullable=False),
    Column("is_registered_visitor", Boolean, nullable=False),
    Column("name", LargeBinary, nullable=False),
    Column("phone", LargeBinary, nullable=False),
    Column("relation", LargeBinary, nullable=False),
    Column("phone_blind", LargeBinary),
    Index("ix_contact_person", "person_id", "position"),
    Index("ix_contact_phone", "phone_blind"),
)

home = Table(
    "home",
    metadata,
    Column("id", String, primary_key=True),
    Column("person_id", String),
    Column("area", String, nullable=False),
    Column("zone_name", String, nullable=False),
    Column("is_key_person", Boolean, nullable=False),
    Column("limits", Text, nullable=False),
    Column("suspensions", LargeBinary),  # sealed JSON: a stay in hospital is nobody's business; NULL: none
    Column("test_until_ms", BigInteger),
)

device = Table(
    "device",
    metadata,
    Column("id", String, primary_key=True),
    Column("home_id", String, ForeignKey("home.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("address", String, nullable=False),
    Column("data", Text, nullable=False),
    Index("ix_device_home", "home_id", "position"),
    Index("ux_device_address", "address", unique=True),
)

alert = Table(
    "alert",
    metadata,
    Column("id", String, primary_key=True),
    Column("home_id", String, nullable=False),  # no foreign key: an alert is never refused for want of a home
    Column("person_id", String),
    Column("priority", Integer, nullable=False),
    Column("is_ticket", Boolean, nullable=False),  # technical (P3): stands beside the home's alert, never inside it
    Column("kinds", Text, nullable=False),
    Column("finding_ids", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("opened_at_ms", BigInteger, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("policy", String, nullable=False),
    Column("ladder", Text),  # NULL: opened before ladders were kept
    Column("told_version", Integer, nullable=False, server_default="1"),
    Column("holds", Text),  # NULL: nothing is held; no words of anybody stand in it
    Column("step", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("owner", String, nullable=False),
    Column("acknowledged_at_ms", BigInteger),
    Column("ack_deadline_ms", BigInteger),
    Column("outcome", String),
    Column("outcome_note", LargeBinary, nullable=False),  # sealed: people write names into notes
    Column("closed_by", String, nullable=False),
    Column("closed_at_ms", BigInteger),
    Column("version", Integer, nullable=False),
    Index(
        "ux_alert_open_home",
        "home_id",
        "is_ticket",
        unique=True,
        sqlite_where=text(IS_OPEN_ALERT),
        postgresql_where=text(IS_OPEN_ALERT),
    ),
    Index("ix_alert_opened", "opened_at_ms", "id"),
    Index("ix_alert_state", "state", "opened_at_ms"),
    Index("ix_alert_person", "person_id"),
)

timer = Table(
    "timer",
    metadata,
    Column("key", String, primary_key=True),
    Column("alert_id", String, ForeignKey("alert.id"), nullable=False),
    Column("kind", String, nullable=False),
    Column("due_at_ms", BigInteger, nullable=False),
    Index("ix_timer_alert", "alert_id"),
    Index("ix_timer_due", "due_at_ms"),
)

finding = Table(
    "finding",
    metadata,
    Column("id", String, primary_key=True),
    Column("is_cleared", Boolean, primary_key=True),
    Column("alert_id", String, _to_alert()),
    Column("at_ms", BigInteger, nullable=False),
    Column("data", Text, nullable=False),
    Column("held_by", String),  # the village's incident that explains it; a copy of the data's, for its list
    Index("ix_finding_alert", "alert_id", "at_ms"),
    Index("ix_finding_held", "held_by"),
)

trace = Table(
    "trace",
    metadata,
    Column("alert_id", String, ForeignKey("alert.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("what", String, nullable=False),
    Column("who", String, nullable=False),
    Column("text", LargeBinary, nullable=False),  # sealed: it may repeat a note
    Column("attempt_id", String),
    Column("suppression", LargeBinary),  # sealed: it repeats a silence's reason; NULL: the line suppresses nothing
)

silence = Table(
    "silence",
    metadata,
    Column("id", String, primary_key=True),
    Column("home_id", String, nullable=False),
    Column("area", String, nullable=False),
    Column("kinds", Text, nullable=False),
    Column("from_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
    Column("author", String, nullable=False),
    Column("reason", LargeBinary, nullable=False),  # sealed: "in hospital" is nobody's business
    Column("ended_at_ms", BigInteger),
    Column("ended_by", String, nullable=False),
    Index("ix_silence_until", "until_ms"),
)

attempt = Table(
    "attempt",
    metadata,
    Column("id", String, primary_key=True),
    Column("key", String, nullable=False),
    Column("alert_id", String, ForeignKey("alert.id"), nullable=False),
    Column("contact_id", String),
    Column("priority", Integer, nullable=False),
    Column("effect", Text, nullable=False),
    Column("channel", String, nullable=False),
    Column("state", String, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("not_before_ms", BigInteger, nullable=False),
    Column("claimed_at_ms", BigInteger),
    Column("submitted_at_ms", BigInteger),
    Column("answered_at_ms", BigInteger),
    Column("ended_at_ms", BigInteger),
    Column("provider_id", String, nullable=False),
    Column("last_sequence", Integer, nullable=False),
    Column("digits", String, nullable=False),
    Column("detail", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("tried", Text, nullable=False, server_default="[]"),  # channels that surely did not reach it, JSON
    Column("first_claimed_at_ms", BigInteger),
    Column("look_up_at_ms", BigInteger),
    Column("to_blind", LargeBinary),  # which number it went to, as a blind index: limits count per number
    Index("ux_attempt_key", "key", unique=True),
    Index("ix_attempt_alert", "alert_id"),
    Index("ix_attempt_due", "state", "not_before_ms"),
    Index("ix_attempt_created", "created_at_ms"),
    Index("ix_attempt_number", "to_blind", "claimed_at_ms"),
    Index("ix_attempt_contact", "contact_id", "created_at_ms"),
    Index("ix_attempt_look_up", "state", "look_up_at_ms"),
)

rota = Table(
    "rota",
    metadata,
    Column("version", Integer, primary_key=True),  # the highest holds; the others tell who was on duty back then
    Column("imported_at_ms", BigInteger, nullable=False),
    Column("imported_by", String, nullable=False),
    Column("data", LargeBinary, nullable=False),  # sealed JSON: names and phones of staff
)

number_state = Table(
    "number_state",
    metadata,
    Column("phone_blind", LargeBinary, primary_key=True),
    Column("voice_bounced_at_ms", BigInteger),
    Column("sms_bounced_at_ms", BigInteger),
    Column("bounce_detail", Text, nullable=False),
    Column("answered_at_ms", BigInteger),
    Column("confirmed_at_ms", BigInteger),
    Column("confirmed_by", String, nullable=False),
)

account = Table(
    "account",
    metadata,
    Column("name", String, primary_key=True),
    Column("password_hash", String, nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
    Column("display_name", String, nullable=False, server_default=""),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", String, primary_key=True),
    Column("name", String, ForeignKey("account.name"), nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False),
    Index("ix_session_expiry", "expires_at_ms"),
)

cursor = Table(
    "cursor",
    metadata,
    Column("name", String, primary_key=True),
    Column("seq", BigInteger, nullable=False),
)

snapshot = Table(
    "snapshot",
    metadata,
    Column("name", String, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

key_ring = Table(
    "key_ring",
    metadata,
    Column("id", String, primary_key=True),  # stands in the header of what the key sealed
    Column("use", String, primary_key=True),  # "field", "index"
    Column("place", Integer, nullable=False),  # the highest seals; those below still open
    Column("wrapped", LargeBinary, nullable=False),  # by the key of the key file
)

fact = Table(
    "fact",
    metadata,
    Column("name", String, primary_key=True),  # "registry_version", "key_id"
    Column("value", String, nullable=False),
)
