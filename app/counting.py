"""The counting policy as the settings switch it; what each switch means stands in visits/policy_v1.toml."""

from app.settings import Settings
from visits.policy import CountingPolicy, Switches, built_in_policy, with_switches


def policy_of(settings: Settings) -> CountingPolicy:
    """Return the policy in force: a monitored month counts only where the town's letter is named."""
    return with_switches(
        built_in_policy(),
        Switches(
            remote_counts_for_general=settings.remote_calls_count,
            remote_month_counts=bool(settings.remote_month_letter.strip()),
        ),
    )
