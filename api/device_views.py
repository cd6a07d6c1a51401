"""What the API and the console show of devices that are no home's yet, and of parked messages; no behaviour."""

from pydantic import Field

from api.views import BilingualView, Ms, ParkedView, View
from core.log import ParkReason
from registry.devices import InboxState
from registry.homes import DeviceRole


class InboxDeviceView(View):
    """A device that spoke and that nobody had registered, with what it says of itself."""

    address: str
    format: str
    model: str = ""
    maker: str = ""
    firmware: str = ""
    metrics: list[str] = Field(default=[], description="What it has told of")
    parts: list[str] = Field(default=[], description="Sensors in it that can be registered apart: address/part")
    has_alarmed: bool = Field(default=False, description="It has signalled an alarm: smoke, SOS, a leak, a fall")
    first_seen_ms: Ms
    last_seen_ms: Ms
    count: int = Field(description="Its messages that were parked; of a rejected one: all since")
    state: InboxState
    decided_by: str = ""
    decided_at_ms: Ms | None = None
    device_id: str = ""
    is_allowed: bool = Field(default=True, description="False: an allow-list is kept, and it is not on it")
    suggested_role: DeviceRole | None = Field(default=None, description="From its metrics; somebody must check")
    suggested_home: str = Field(default="", description="The home whose id stands in the address")


class InboxView(View):
    """The inbox: what waits, and whether an allow-list is kept."""

    devices: list[InboxDeviceView]
    waiting: int
    rejected: int
    has_allow_list: bool = False
    may_decide: bool = Field(default=False, description="Whether this account may adopt and reject them")
    home_ids: list[str] = Field(default=[], description="Homes that it could go into")
    home_areas: dict[str, str] = Field(default={}, description="Where each lies, town/village/grid")


class ParkedCountView(View):
    """How many messages wait for one reason, and what mends it."""

    reason: ParkReason
    words: BilingualView
    remedy: BilingualView
    count: int


class ParkedDetailView(ParkedView):
    """One parked message with as much of its payload as can be shown."""

    retain: bool = False
    unknown: list[str] = Field(default=[], description="Devices in it that nobody registered")
    payload_text: str = Field(default="", description="Text as it came, or bytes in hexadecimal; cut at its limit")
    is_text: bool = True
    is_cut: bool = False
    entry_seq: int | None = Field(default=None, description="The journal entry its readings stand in; null: it waits")


class RefusedView(View):
    """What the broker let a client neither say nor hear; nothing of a message is kept."""

    client: str = Field(default="", description="As it calls itself; empty where that is no technical name")
    topic: str
    is_subscription: bool = Field(default=False, description="It wanted to listen; otherwise to speak")
    count: int = 1
    last_ms: Ms


class UnheardView(View):
    """A topic that a device announced and that a broker does not let the service hear."""

    broker: str
    topic: str


class RefusalsView(View):
    """The latest that the broker refused."""

    is_ours: bool = Field(default=True, description="False: the broker is not the embedded one; look into its log")
    remedy: BilingualView
    refused: list[RefusedView] = Field(default=[], description="The latest first")
    unheard: list[UnheardView] = Field(default=[], description="Refused to the service itself, the first of them")
