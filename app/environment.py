"""What the environment says of settings; refuses a variable of ours that nothing reads, as a file's wrong name is."""

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


def settings_in(environ: Mapping[str, str], names: Collection[str]) -> dict[str, str]:
    """Return what the environment sets of the settings `names`.

    Raises ConfigurationError for a variable with our prefix that means nothing; it names the nearest that does.
    """
    known = {name.upper(): name for name in names}
    given = {name.removeprefix(ENV_PREFIX): value for name, value in environ.items() if name.startswith(ENV_PREFIX)}
    for name in sorted(given.keys() - known.keys() - NO_SETTINGS):
        near = get_close_matches(name.upper(), sorted(known.keys() | NO_SETTINGS), n=1)
        raise ConfigurationError(
            f"{ENV_PREFIX}{name} is not a setting",
            where=f"the environment variable {ENV_PREFIX}{name}",
            remedy="; ".join(
                [*(f"is {ENV_PREFIX}{one} meant?" for one in near), "docs/operations.md lists every setting"]
            ),
        )
    return {known[name]: value for name, value in given.items() if name in known}
