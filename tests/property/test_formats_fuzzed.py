"""The fuzzer's own small round: each decoder and the frame codec refuse as they declare, soon, and read something."""

import importlib.util
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"
COUNT = 1_500


@pytest.fixture(scope="module")
def fuzzer():
    sys.path.insert(0, str(BENCH))
    try:
        spec = importlib.util.spec_from_file_location("fuzz_formats", BENCH / "fuzz_formats.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules["fuzz_formats"] = module
        spec.loader.exec_module(module)
        yield module
    finally:
        sys.path.remove(str(BENCH))


NAMES = [
    "native",
    "senml",
    "zigbee2mqtt",
    "tasmota",
    "shelly",
    "homie",
    "home assistant",
    "alink",
    "mqtt 3.1.1",
    "mqtt 5",
]


def test_every_decoder_is_fuzzed(fuzzer):
    assert [*fuzzer.DECODERS, *fuzzer.CODEC] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_whatever_comes_a_decoder_reads_it_or_refuses_it_as_declared_and_soon(fuzzer, name):
    found = fuzzer.fuzz(name, COUNT, seed=3)
    assert found.faults == ()
    assert found.read > COUNT / 20
    assert found.refused > COUNT / 20


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("name", NAMES)
def test_a_hundred_thousand_inputs_each_make_the_million(fuzzer, name):
    assert fuzzer.fuzz(name, 100_000, seed=11).faults == ()


def test_a_decoder_that_raises_something_else_is_found_out(fuzzer, monkeypatch):
    def broken(_known):
        raise KeyError("undeclared")

    monkeypatch.setattr(fuzzer, "_decoder", lambda _known: broken)
    assert "KeyError" in fuzzer.fuzz("native", 3, seed=1).faults[0]


def test_a_decoder_that_is_slow_is_found_out(fuzzer, monkeypatch):
    def slow(_input):
        return sum(range(400_000))

    monkeypatch.setattr(fuzzer, "_decoder", lambda _known: slow)
    assert "ms a kB" in fuzzer.fuzz("native", 3, seed=1).faults[0]
