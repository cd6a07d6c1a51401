"""What the environment says of settings; refuses a variable of ours that nothing reads, as a file's wrong name is."""

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches

from core.errors import ConfigurationError

ENV_PREFIX = "SHOUWANG_"

NO_SETTINGS = frozenset(
    {
        "ACCOUNT_PASSWORD",  # of an account that is added
        "HTTP_PUBLISH",  # these four: docker-compose.yml, where it publishes ports
        "MQTT_PUBLISH",
        "SIM_PUBLISH",
        "GRAFANA_PUBLISH",
        "SHARED",  # the tests: where shared data lie
    }
)
"""Names after the prefix that are no setting, and are read elsewhere; they may stand in the same environment."""


_URL = r"(?:tcp|udp|sctp)://\S+:\d+"
_ADDRESS = r"[0-9A-Fa-f.:]+"
_OF_A_SERVICE = tuple(
    (re.compile(rf"(?:[A-Z0-9_]+_)?{name}"), re.compile(value))
    for name, value in (
        (r"SERVICE_HOST", _ADDRESS),
        (r"SERVICE_PORT(?:_[A-Z0-9_]+)?", r"\d+"),
        (r"PORT", _URL),
        (r"PORT_\d+_(?:TCP|UDP|SCTP)", _URL),
        (r"PORT_\d+_(?:TCP|UDP|SCTP)_PROTO", r"tcp|udp|sctp"),
        (r"PORT_\d+_(?:TCP|UDP|SCTP)_PORT", r"\d+"),
        (r"PORT_\d+_(?:TCP|UDP|SCTP)_ADDR", _ADDRESS),
    )
)
"""What Kubernetes puts into every container for a Service named shouwang, or shouwang-…, after our prefix.

By name and value together, so that a mistyped setting (PORT=80) is still refused. A name that is a setting is read as
one, whoever wrote it.
"""


def settings_in(environ: Mapping[str, str], names: Collection[str]) -> dict[str, str]:
    """Return what the environment sets of the settings `names`.

    Raises ConfigurationError for a variable with our prefix that means nothing; it names the nearest that does.
    """
    known = {name.upper(): name for name in names}
    given = {name.removeprefix(ENV_PREFIX): value for name, value in environ.items() if name.startswith(ENV_PREFIX)}
    strange = {name for name, value in given.items() if not _is_of_a_service(name, value)} - known.keys() - NO_SETTINGS
    for name in sorted(strange):
        near = get_close_matches(name.upper(), sorted(known.keys() | NO_SETTINGS), n=1)
        raise ConfigurationError(
            f"{ENV_PREFIX}{name} is not a setting",
            where=f"the environment variable {ENV_PREFIX}{name}",
            remedy="; ".join(
                [*(f"is {ENV_PREFIX}{one} meant?" for one in near), "docs/operations.md lists every setting"]
            ),
        )
    return {known[name]: value for name, value in given.items() if name in known}


def _is_of_a_service(name: str, value: str) -> bool:
    return any(named.fullmatch(name) and said.fullmatch(value) for named, said in _OF_A_SERVICE)
