"""The score of a made-up home: what is counted, what an onset costs, and the JSON that strangers read."""

import json
import random
import re
from datetime import datetime, timedelta

import pytest
from typer.testing import CliRunner

from app.cli import app, evaluation_tables
from app.evaluation.baselines import cuddihy, day_night, fixed, floeck_litz, wilhelm_wahl
from app.evaluation.comparing import score, silences_h
from app.evaluation.onsets import Law, choose, inject
from app.evaluation.presence import presence_of
from app.evaluation.robustness import CASES, robustness
from app.evaluation.running import run
from app.evaluation.scoring import score_home
from app.evaluation.statistics import delays, poisson_interval
from app.evaluation.tables import read_dataset
from core.errors import ConfigurationError
from core.localtime import DAY_MS, HOUR_MS
from rules.parameters import RuleParameters

DAYS = 45


def lived(folder, *, days=DAYS, gap_day=None):
    """Write a home: awake from 7 to 22 with a sign about every 20 minutes, out for two hours each day by the door."""
    chance = random.Random(5)
    lines, start = ["local_time,sensor,value"], datetime.fromisoformat("2024-03-04")
    for day in range(days):
        minute = 7 * 60.0
        while minute < 22 * 60:
            at = start + timedelta(days=day, minutes=minute)
            if gap_day == day and minute > 9 * 60:
                break
            if 14 * 60 <= minute < 16 * 60:
                lines += [f"{at},FrontDoor,OPEN", f"{at + timedelta(seconds=4)},FrontDoor,CLOSE"]
                minute = 16 * 60.0
                at = start + timedelta(days=day, minutes=minute)
                lines += [f"{at},FrontDoor,OPEN", f"{at + timedelta(seconds=4)},FrontDoor,CLOSE"]
                minute += 0.5
                continue
            room = chance.choice(["Kitchen", "Bathroom", "LivingRoom"])
            lines += [f"{at},{room},ON", f"{at + timedelta(seconds=3)},{room},OFF"]
            minute += chance.expovariate(1 / 20) + 0.2
    path = folder / "home.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def recording(tmp_path):
    return read_dataset(lived(tmp_path), "home", None, every_household=False)[0]


def test_outings_by_the_door_are_absences_for_the_truth_and_for_the_engine_and_never_silences(recording):
    trace = run(recording, RuleParameters())
    for spans in (presence_of(recording).out, trace.absences):
        assert len(spans) >= DAYS - 3
        assert all(0.5 < (span.until_ms - span.from_ms) / HOUR_MS < 2.05 for span in spans)
    assert max(silence.until_ms - silence.from_ms for silence in trace.silences) < 11 * HOUR_MS


def test_every_onset_is_noticed_and_later_than_it_happened(recording):
    trace = run(recording, RuleParameters())
    moments = choose(presence_of(recording), trace, trace.started_ms + 14 * DAY_MS, 60, "a")
    injected = inject(recording, RuleParameters(), moments)
    found = injected.onsets
    assert len(found) + injected.left_out.total() == len(moments)
    assert {onset.law for onset in found} >= {Law.UNIFORM, Law.ACTIVITY}
    assert all(0 < onset.delay_h <= 13 for onset in found)
    assert all(onset.second_delay_h >= onset.delay_h for onset in found)


def test_the_same_seed_gives_the_same_score(recording):
    first, again = (score_home(recording, RuleParameters(), onsets=40, seed=3) for _ in range(2))
    assert first.result == again.result


def test_a_fixed_limit_rings_exactly_that_much_after_the_last_sign(recording):
    silences = silences_h(recording, run(recording, RuleParameters()))
    scored = score(silences, fixed(4.0), 14.0)
    assert scored["due"] == pytest.approx(scored["from"] + 4.0)
    rung = (scored["due"] < scored["until"]).sum()
    assert rung == ((scored["until"] - scored["from"]) > 4.0).sum()


@pytest.mark.parametrize("detector", [day_night(4.0, 8.0), cuddihy(), floeck_litz(), wilhelm_wahl()])
def test_a_baseline_always_waits_and_learns_only_from_what_has_ended(recording, detector):
    silences = silences_h(recording, run(recording, RuleParameters()))
    scored = score(silences, detector, 14.0)
    assert (scored["due"] > scored["from"]).all()
    half = score(silences[: len(silences) // 2], detector, 14.0)
    assert half["due"] == pytest.approx(scored["due"][: len(half["due"])])


def test_a_dead_gateway_is_told_and_rings_only_for_who_came_home_unseen(recording):
    cases = {name: CASES[name] for name in ("gateway off for 6 h", "one sensor dead")}
    found = robustness(recording, RuleParameters(), seed=1, cases=cases)
    off = found["gateway off for 6 h"]
    assert off["faults"] == 5
    assert off["faults_raised"] == 5
    assert off["person_alerts_by_kind"].keys() <= {"no_return"}  # home again in the dark, and soon asleep
    dead = found["one sensor dead"]
    assert (dead["faults"], dead["faults_raised"]) == (1, 1)


@pytest.mark.parametrize(("count", "low", "high"), [(0, 0.0, 3.689), (1, 0.025, 5.572), (15, 8.395, 24.740)])
def test_poisson_intervals_are_the_exact_ones_of_the_tables(count, low, high):
    assert poisson_interval(count) == pytest.approx((low, high), abs=1e-3)


def test_quantiles_of_delays_weigh_what_they_are_told():
    figures = delays([1.0, 2.0, 10.0], [1.0, 1.0, 8.0])
    assert (figures["median_delay_h"], figures["mean_delay_h"]) == (10.0, 8.3)
    assert delays([])["median_delay_h"] is None


def test_the_command_writes_the_json_that_strangers_read(tmp_path):
    path = lived(tmp_path)
    out, picture = tmp_path / "out.json", tmp_path / "curve.svg"
    called = ["rules", "evaluate", f"home={path}", "--json", str(out), "--picture", str(picture), "--onsets", "20"]
    result = CliRunner().invoke(app, called)
    assert result.exit_code == 0, result.output
    report = json.loads(out.read_text())
    assert {"homes", "pooled", "baselines"} <= report.keys()
    for found in (report["homes"]["home"], report["pooled"], *report["baselines"].values()):
        assert found["observed_days"] > 25
        for stage in ("stage1", "stage2"):
            assert {"false_alarms_per_30d", "ci95", "mean_delay_h", "median_delay_h", "p95_delay_h"} <= found[
                stage
            ].keys()
        assert {"activity_onset", "missed_24h", "budget_ratio"} <= found.keys()
    assert report["pooled"]["missed_24h"] == 0
    assert sum(report["pooled"]["noticed_by"]["uniform"].values()) == report["homes"]["home"]["onsets"]["uniform"]
    assert {"believed_away", "person_calls", "stage2_by_ladder"} <= report["pooled"].keys()
    assert picture.read_text().startswith("<?xml")
    assert {point["detector"] for point in report["curve"]} >= {"Shouwang", "Cuddihy 2007", "fixed hours"}


def test_the_command_says_how_it_understood_a_file_and_how_long_it_took(tmp_path):
    path = lived(tmp_path)
    path.write_text(
        path.read_text() + "no time,Kitchen,ON\n2024-03-05 10:00:00,LS001,17\n2024-03-05 10:00:01,LS001,18\n"
    )
    result = CliRunner().invoke(app, ["rules", "evaluate", f"home={path}", "--onsets", "5"])
    assert result.exit_code == 0, result.output
    assert re.search(r"FrontDoor +outside_door +front_door +\d+ +0 +guessed", result.stdout)
    assert re.search(r"LS001 +不用 left out +0 +2 +shows no person", result.stdout)
    assert "has no time (line" in result.stdout
    assert re.search(r"用时 took \d+ s, 1 户 homes", result.stdout)
    assert re.search(r"24 h未发现 +一切寻人呼叫/30天\n.* missed 24 h +all calls/30 d\nhome .* [\d.]+\n", result.stdout)
    assert "home: 寻人呼叫按种类/30天 calls for the person by kind/30 d: " in result.stdout
    assert "[1/1] 评估 scored home" in result.stderr
    assert "[1/1]" not in result.stdout


def test_a_record_in_which_no_onset_can_be_placed_stops_the_run_with_its_file_and_the_remedy(tmp_path):
    path = lived(tmp_path, days=1)
    result = CliRunner().invoke(app, ["rules", "evaluate", str(path), "--onsets", "5"])
    assert isinstance(result.exception, ConfigurationError)
    assert str(path) in str(result.exception)
    assert "no onset could be placed" in str(result.exception)


def test_what_broken_sensors_did_is_printed_by_kind_with_why_no_rule_noticed(capsys):
    one = {"person_alerts_by_kind": {"no_return": 2}, "faults": 5, "faults_raised": 4, "why_unnoticed": ""}
    none = {"person_alerts_by_kind": {}, "faults": 0, "faults_raised": 0, "why_unnoticed": "nobody could"}
    together = {"person_alerts_by_faults": 2, "faults": 5, "faults_raised": 4, "share_raised": 0.8}
    evaluation_tables.show_robustness(
        {"homes": {"h": {"robustness": {"gateway": one, "loss": none}}}, "robustness": together}
    )
    printed = capsys.readouterr().out
    assert re.search(r"h: gateway +no_return 2 +4/5", printed)
    assert re.search(r"h: loss +0 +- +nobody could", printed)
    assert "4/5 (80.0%)" in printed
