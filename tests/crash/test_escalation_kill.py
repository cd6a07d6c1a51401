"""Kill -9 at every step of an escalation, under every fault of the phone provider, loses and repeats nothing."""

import asyncio
import random

import pytest
from kill_matrix import played, story_played
from kill_promises import broken
from kill_stories import ESCALATIONS, PROVIDERS, escalation

POINTS = 36
"""Steps at which the whole matrix kills one escalation under one fault, evenly spread from a random first one."""

LEAST_POINTS = 30
"""Of each escalation under each fault: so many lives ended, each at a step of its own."""

AT_ONCE = 2
"""Escalations played beside each other: each waits for its disk and its child half of the time."""

DEATHS, LONGEST_LIFE, LEAST_DEATHS = 7, 70, 3
"""Of one escalation in the sample: it has 200 to 500 steps; where it is over early the last deaths do not come."""


@pytest.mark.parametrize("fault", PROVIDERS)
def test_a_service_that_dies_again_and_again_keeps_its_promises(tmp_path, fault):
    chance = random.Random(fault)
    story = chance.choice(list(ESCALATIONS))
    kills = tuple(chance.randrange(LONGEST_LIFE) for _ in range(DEATHS))
    found = played(tmp_path / "died", story, fault, kills)
    assert broken(escalation(story, PROVIDERS[fault]), found) == []
    assert len(found.deaths) >= LEAST_DEATHS


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("fault", PROVIDERS)
@pytest.mark.parametrize("story", ESCALATIONS)
def test_a_kill_at_any_step_under_any_fault_loses_no_alert_skips_no_rung_and_rings_nobody_twice(tmp_path, story, fault):
    told, chance = escalation(story, PROVIDERS[fault]), random.Random(f"{story} {fault}")
    undisturbed = played(tmp_path / "undisturbed", story, fault)
    assert broken(told, undisturbed) == []
    step = len(undisturbed.steps) / POINTS
    points = sorted({int(step * (number + chance.random())) for number in range(POINTS)})  # each has its own folder

    async def all_played():
        at_once = asyncio.Semaphore(AT_ONCE)

        async def killed(point):
            async with at_once:
                return await story_played(tmp_path / str(point), story, fault, (point,))

        return await asyncio.gather(*(killed(point) for point in points))

    results = asyncio.run(all_played())
    wrong = {
        f"{point}, {one.deaths}": words
        for point, one in zip(points, results, strict=True)
        if (words := broken(told, one))
    }
    assert wrong == {}
    assert sum(len(one.deaths) for one in results) >= LEAST_POINTS
