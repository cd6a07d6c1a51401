"""The house rules that no linter holds: sizes, names, one reader of clocks, lock files that name no registry."""

import ast
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "registry", "rules", "alerts", "visits", "ingest", "store", "api", "device_sim", "app")
GENERATED = "store/migrations/versions/"
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40
NAMELESS = {"utils", "util", "helpers", "helper", "manager", "managers", "base", "common", "misc"}
CLOCK_READS = {
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "monotonic"),
    ("time", "monotonic_ns"),
    ("time", "perf_counter"),
    ("time", "perf_counter_ns"),
    ("time", "process_time"),
    ("time", "sleep"),
    ("time", "localtime"),
    ("time", "gmtime"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def sources(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if not relative(path).startswith(GENERATED)]


OURS = sources(*PACKAGES)
EVERYWHERE = [*OURS, *sources("tests", "bench")]


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def functions_of(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.mark.parametrize("package", PACKAGES)
def test_no_file_of_a_package_is_longer_than_300_lines(package):
    lines = {relative(path): len(path.read_text("utf-8").splitlines()) for path in sources(package)}
    assert {path: count for path, count in lines.items() if count > MAX_FILE_LINES} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_function_of_a_package_is_longer_than_40_lines(package):
    too_long = {
        f"{relative(path)}:{function.name}": (function.end_lineno or 0) - function.lineno + 1
        for path in sources(package)
        for function in functions_of(path)
        if (function.end_lineno or 0) - function.lineno + 1 > MAX_FUNCTION_LINES
    }
    assert too_long == {}


def test_every_module_says_in_its_docstring_what_it_is():
    silent = [relative(path) for path in EVERYWHERE if not (ast.get_docstring(tree_of(path)) or "").strip()]
    assert silent == []


def test_no_module_has_a_name_that_says_nothing():
    assert [relative(path) for path in EVERYWHERE if path.stem.strip("_") in NAMELESS] == []


def test_nobody_but_the_clock_reads_a_clock():
    reads: list[str] = []
    for path in OURS:
        if relative(path) == "core/clock.py":
            continue
        reads += [f"{relative(path)}:{line}" for line in clock_reads(tree_of(path))]
    assert reads == []


def clock_reads(tree: ast.Module) -> list[int]:
    found = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and (last_name(node.value), node.attr) in CLOCK_READS
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            found += [node.lineno for alias in node.names if ("time", alias.name) in CLOCK_READS]
    return found


def last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize(
    "text", ["import time\ntime.time()", "from time import monotonic", "datetime.now(UTC)", "datetime.date.today()"]
)
def test_a_clock_that_is_read_is_noticed(text):
    assert clock_reads(ast.parse(text)) != []


def test_nobody_imports_the_standard_librarys_sqlite():
    guilty = [
        relative(path)
        for path in EVERYWHERE
        for node in ast.walk(tree_of(path))
        if (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "sqlite3" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sqlite3")
    ]
    assert guilty == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "docker/build.lock"])
def test_a_lock_file_pins_by_hash_and_names_no_registry(lock):
    text = (ROOT / lock).read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*-{1,2}(i|f|index-url|extra-index-url|find-links)\b", text, re.MULTILINE)
    pinned = re.findall(r"^([a-z0-9][a-z0-9._\[\],-]*)==\S+(.*)$", text, re.MULTILINE | re.IGNORECASE)
    assert pinned
    assert all(rest.rstrip().endswith("\\") for _, rest in pinned)


def test_tests_have_no_packages_of_their_own():
    assert [relative(path) for path in (ROOT / "tests").rglob("__init__.py")] == []


def test_no_example_of_a_property_fails_for_the_time_it_takes():
    assert settings.default.deadline is None
    assert HealthCheck.too_slow in settings.default.suppress_health_check
