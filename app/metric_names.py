"""Every metric that /metrics serves, with what it says; a test compares this list with what is served."""

GAUGES = {
    "shouwang_homes": "Homes registered",
    "shouwang_homes_blind": "Homes that cannot be seen",
    "shouwang_alerts_open": "Alerts that no human has closed",
    "shouwang_attempts_pending": "Attempts that no provider is known to have",
    "shouwang_journal_entries": "Newest journal entry",
    "shouwang_rules_lag_entries": "Journal entries that the rules have not taken",
    "shouwang_messages_parked": "Parked messages",
    "shouwang_timer_late_seconds": "How late the oldest escalation step is",
    "shouwang_problems": "Troubles that /readyz names",
    "shouwang_rules_version": "Version of the rulebook in force; 0: the rules that ship",
    "shouwang_ladders_version": "Version of the town's ladders in force; 0: those that ship",
    "shouwang_homes_limits_refused": "Homes whose own limits cannot be used and that keep what they had",
}

COUNTERS = {
    "shouwang_messages_received_total": "Messages the broker delivered",
    "shouwang_messages_acknowledged_total": "Messages acknowledged after their fsync",
    "shouwang_readings_admitted_total": "New readings",
    "shouwang_readings_duplicate_total": "Readings delivered again",
    "shouwang_messages_refused_total": "Messages that could not be read",
    "shouwang_journal_commits_total": "Group commits",
    "shouwang_ingest_faults_total": "Errors of the ingest session",
    "shouwang_alerts_pushed_on_total": "Alerts that the auditor found waiting for nothing",
    "shouwang_step_faults_total": "Steps of alerts that failed by a fault of the service and were put off",
    "shouwang_dispatch_faults_total": "Rounds and attempts of the dispatcher that broke off",
    "shouwang_rules_refused_total": "Times a rules file was refused and the rules of before stayed",
    "shouwang_ladders_refused_total": "Times a ladders file was refused and the ladders of before stayed",
    "shouwang_attempts_sent_total": "Attempts handed to a channel",
    "shouwang_attempts_failed_total": "Attempts that failed for good",
    "shouwang_attempts_unknown_total": "Attempts whose answer was never seen",
    "shouwang_attempts_retried_total": "Attempts that were surely not sent and wait again",
    "shouwang_attempts_looked_up_total": "Attempts in doubt that were looked up at the provider",
    "shouwang_attempts_failed_over_total": "Attempts that went on to another channel",
    "shouwang_projection_failures_total": "Failed rounds of the time-series projections",
}

METRICS = GAUGES | COUNTERS
