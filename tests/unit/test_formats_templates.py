"""Templates of discovery: the simple ones compiled, the others in a sandbox, and whatever could grow or call refused."""

import pytest

from core.log import ParkReason
from ingest.formats.templates import Payload, rendering
from ingest.raw import UnreadableError

BODY = b'{"a":{"b":12.345,"list":[1,{"c":"x"}]},"contact":false,"state":"ON","n":null,"5":7,"text":" Wet "}'


def shown(source, payload=BODY):
    return rendering(source)(Payload(payload))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ value_json.a.b }}", "12.345"),
        ('{{ value_json["a"]["b"] }}', "12.345"),
        ("{{value_json['contact']}}", "False"),
        ("{{ value_json.a.list[1].c }}", "x"),
        ("{{ value_json.a.list[7] }}", ""),
        ("{{ value_json.a.b | float | round(1) }}", "12.3"),
        ("{{ value_json.a.b | int }}", "12"),
        ("{{ value_json.text | trim | lower }}", "wet"),
        ("{{ value_json.state == 'ON' }}", "True"),
        ("{{ value_json.absent | is_defined }}", ""),
        ("{{ value_json.absent | default('none') }}", "none"),
        ("{{ value_json.absent | default(0) | float }}", "0.0"),
        ("{{ value_json.absent == 'ON' }}", ""),
        ("{{ value_json.n }}", "None"),
        ("{{ value }}", BODY.decode()),
        ("just text", "just text"),
        ("{% if value_json.state == 'ON' %}wet{% else %}dry{% endif %}", "wet"),
        ("{{ 'open' if value_json.contact else 'closed' }}", "closed"),
        ("{{ (value_json.a.b * 1000) | round(0) | int }}", "12345"),
        ("{{ iif(value_json.contact, 'open', 'closed') }}", "closed"),
        ("{{ value_json.a.b + 1 }} W", "13.345 W"),
        ("{{ value_json.state in ['ON', 'on'] }}", "True"),
        ("{{ value_json.absent is defined }}", "False"),
    ],
)
def test_a_template_renders_what_home_assistant_would(source, text):
    assert shown(source) == text


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in range(1000000) %}x{% endfor %}",
        "{{ range(1000000) | list }}",
        "{% set a = value ~ value %}{{ a }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ 2 ** 100000 }}",
        "{{ '%1000000d' | format(1) }}",
        "{{ value | replace('a', 'aaaaaaaa') }}",
        "{{ value_json.__class__.__mro__() }}",
        "{{ lipsum(1000) }}",
        "{{ cycler.__init__.__globals__.os.system('x') }}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{{ states('sensor.x') }}",
        "{{ value_json.a |",
        "{{ " + "(" * 900 + "1" + ")" * 900 + " }}",
        "{{ value }}" + " " * 2_000,
        "{{ value" + "|lower" * 300 + " ~ 1 }}",
        "{{ " + "not " * 480 + "1 }}",
        "{{ 1" + "+1" * 900 + " }}",
        "{{ value_json" + ".a" * 900 + " ~ 1 }}",
        "{% if 1 %}" * 90 + "x" + "{% endif %}" * 90,
    ],
)
def test_a_template_that_could_grow_call_or_is_broken_is_refused_before_it_runs(source):
    with pytest.raises(UnreadableError) as caught:
        rendering(source)
    assert caught.value.reason is ParkReason.UNKNOWN_MEANING


def test_nesting_is_refused_before_the_parser_has_to_climb_it():
    with pytest.raises(UnreadableError, match="nesting deeper than 40"):
        rendering("{{ value_json" + "[" * 200)


def test_brackets_side_by_side_are_not_nested():
    assert rendering("{{ " + "(1) + " * 25 + "(1) }}")(Payload(BODY)) == "26"


@pytest.mark.parametrize(
    ("source", "payload"),
    [
        ("{{ value_json.state | float }}", BODY),
        ("{{ value_json.a.b }}", b"not json"),
        ("{{ value_json.text * 1000 }}", BODY),
        ("{{ value_json.a.b / 0 }}", BODY),
        ("{{ value_json.absent + 1 }}", BODY),
        ("{{ value_json.a.b < 'x' }}", BODY),
        ("{{ value ~ value }}", b"x" * 10_000),
        ("{{ value }}", b"x" * 10_000),
        ("{{ value_json | float }}", b"[" * 100_000),
        ("{{ ('%s' % value) }}", BODY),
    ],
)
def test_a_payload_that_a_template_cannot_render_is_refused_and_raises_nothing_else(source, payload):
    with pytest.raises(UnreadableError):
        shown(source, payload)


def test_a_dunder_is_nothing_to_a_template():
    assert shown("{{ value_json.__class__ }}") == ""
    assert shown("{{ (value_json.__class__ if 1 else 2) }}") == ""
