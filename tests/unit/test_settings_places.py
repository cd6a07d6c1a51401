"""What is wrong in a settings file is told with the line in which it stands."""

import pytest

from app.lines import routes
from app.settings import load_settings
from app.settings_lines import line_of
from core.errors import ConfigurationError

BROKERS = 'zone = "Asia/Shanghai"\n\n[[brokers]]\nname = "north"\nhost = "10.0.0.2"\npasword = "p"\n'


def refused(tmp_path, text):
    file = tmp_path / "shouwang.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load_settings(file, {})
    return caught.value.where.rpartition(", ")[2], str(caught.value)


def test_a_mistyped_key_of_a_broker_is_told_with_its_own_line(tmp_path):
    assert refused(tmp_path, BROKERS)[0] == "line 6"
    second = (
        BROKERS.replace("pasword", "password") + '[[brokers]]\nname = "south"\n# host = "x"\nprot = 1\nhost = "h"\n'
    )
    assert refused(tmp_path, second)[0] == "line 10"


def test_what_is_no_address_of_an_influxdb_is_refused_at_the_start_with_its_line(tmp_path):
    where, told = refused(tmp_path, 'zone = "Asia/Shanghai"\ninflux_url = "notaurl"\n')
    assert where == "line 2"
    assert "influx_url: is no web address" in told


@pytest.mark.parametrize("name", ["rules_file", "ladders_file", "routes_file"])
def test_a_named_file_that_is_not_there_is_told_with_the_line_that_names_it(tmp_path, name):
    file = tmp_path / "shouwang.toml"
    file.write_text(f'zone = "Asia/Shanghai"\n{name} = "nope.toml"\n')
    with pytest.raises(ConfigurationError, match=r"nope\.toml: there is no such file") as caught:
        load_settings(file, {}).file_named_by(name)
    assert caught.value.where == f"{file}, line 2"
    by_variable = load_settings(None, {f"SHOUWANG_{name.upper()}": "nope.toml"})
    with pytest.raises(ConfigurationError, match=f"the environment variable SHOUWANG_{name.upper()}"):
        by_variable.file_named_by(name)


def test_routes_that_are_not_there_are_told_so(tmp_path):
    file = tmp_path / "shouwang.toml"
    file.write_text('routes_file = "nope.toml"\n')
    with pytest.raises(ConfigurationError, match=r"shouwang\.toml, line 1: nope\.toml"):
        routes(load_settings(file, {}))


def test_the_second_table_of_a_list_is_told_with_its_own_key_s_line():
    text = '[person]\nphone = "1"\n\n[[contact]]\nphone = "2"\n[[contact]]\nname = "x"\nphone = "3" # bad\n'
    assert line_of(("person", 0, "phone"), text) == 2
    assert line_of(("contact", 1, "phone"), text) == 8
    assert line_of(("contact", 1, "order"), text) == 6
