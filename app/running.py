"""What a running service tells other processes of this machine: where it listens, and the phone stand-in's account."""

import secrets
import socket
from pathlib import Path

import msgspec

from app.private_file import write_private
from core.errors import ConfigurationError
from device_sim.phone_requests import PhoneAccount

STAND_IN_NUMBER = "+861000000000"


class RunningService(msgspec.Struct, frozen=True, kw_only=True):
    """Written at start into the data directory; it holds the broker's simulator account and is private."""

    base_url: str
    local_url: str = ""  # where this machine reaches it; base_url may be the provider's way in
    clock: str
    mqtt_host: str
    mqtt_port: int
    simulator_username: str
    simulator_password: str

    def __repr__(self) -> str:
        """Without the password."""
        return f"RunningService({self.base_url}, {self.mqtt_host}:{self.mqtt_port}, clock={self.clock})"


class StandIn(msgspec.Struct, frozen=True, kw_only=True):
    """The phone network of a simulation: an account and a port of its own, made once per data directory."""

    account_sid: str
    auth_token: str
    port: int

    def __repr__(self) -> str:
        """Without the token."""
        return f"StandIn(port={self.port})"

    @property
    def api_base(self) -> str:
        """Return where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def account(self, base_url: str) -> PhoneAccount:
        """Return the account as the phone network knows it."""
        return PhoneAccount(
            account_sid=self.account_sid,
            auth_token=self.auth_token,
            from_number=STAND_IN_NUMBER,
            callback_base=base_url,
        )


def stand_in(data_dir: Path) -> StandIn:
    """Return the stand-in of a data directory."""
    path = data_dir / "phones.json"
    if path.exists():
        return msgspec.json.decode(path.read_bytes(), type=StandIn)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    made = StandIn(account_sid=f"AC{secrets.token_hex(16)}", auth_token=secrets.token_hex(16), port=port)
    write_private(path, msgspec.json.encode(made))
    return made


def running_service(data_dir: Path) -> RunningService:
    """Return the service that runs on a data directory; raises ConfigurationError with the remedy."""
    path = data_dir / "service.json"
    if not path.exists():
        raise ConfigurationError(
            "no service has been started on this data directory",
            where=str(path),
            remedy="start one with: shouwang serve --clock driven, on a --data-dir of its own",
        )
    return msgspec.json.decode(path.read_bytes(), type=RunningService)


def here(host: str) -> str:
    """Return where this machine reaches what listens at an address."""
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)
