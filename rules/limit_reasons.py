"""Why each limit is what it is, read from the one place that says so: the comments of rules/parameters.py."""

import re
from functools import lru_cache
from importlib import resources

_LIMIT = re.compile(r"^    (\w+): (?:int|float) = (?:\(\n\s*)?[^#\n]*#\s*(.+)$", re.MULTILINE)


@lru_cache(maxsize=1)  # the file ships with the code
def limit_reasons() -> dict[str, str]:
    """Return the English reason of every limit."""
    return dict(_LIMIT.findall(resources.files("rules").joinpath("parameters.py").read_text("utf-8")))
