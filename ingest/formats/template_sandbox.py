"""The sandbox for templates that are not simple: no loops, no variables, no calls but ours; their time is bounded."""

import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from jinja2 import nodes
from jinja2.runtime import Context, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

MAX_PAYLOAD_BYTES = 8 * 1024
"""What a template that is not simple may be given: it can repeat its text some hundred times, once for each mention."""

MAX_DEPTH = 40
"""Expressions inside expressions; the deepest in the wild has some ten, and Python's own compiler ends at 200."""

TOO_DEEP = f"nesting deeper than {MAX_DEPTH}"

_BRACKETS = re.compile(r"[(\[{)\]}]")

_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.CondExpr, nodes.Const, nodes.Name, nodes.Getattr,
    nodes.Getitem, nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Neg,
    nodes.Pos, nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Concat, nodes.Tuple,
    nodes.List, nodes.Dict, nodes.Pair, nodes.Call,
)  # fmt: skip
_TESTS = frozenset(
    {"defined", "undefined", "none", "number", "string", "mapping", "sequence", "true", "false", "eq", "in"}
)
_CALLS = frozenset({"float", "int", "iif"})


def to_float(given: Any, default: object = None) -> object:  # noqa: ANN401  # whatever cannot be a number raises
    """Return a number; the default, or a ValueError, for anything else."""
    try:
        return float(given)
    except (TypeError, ValueError):
        if default is None:
            raise
        return default


def to_int(given: Any, default: object = None) -> object:  # noqa: ANN401  # whatever cannot be a number raises
    """Return a whole number, cut towards zero; the default, or a ValueError, for anything else."""
    found = to_float(given, default)
    return int(found) if isinstance(found, float) else found


def rounded(given: Any, digits: Any = 0, _method: object = "common") -> object:  # noqa: ANN401  # likewise
    """Return a number rounded."""
    return round(float(given), int(digits))


def chosen(given: object, if_true: object = True, if_false: object = False) -> object:  # noqa: FBT002  # HA's own signature
    """Return one of two values."""
    return if_true if given else if_false


def _absolute(given: Any) -> object:  # noqa: ANN401  # likewise
    return abs(float(given))


def _lower(given: object) -> object:
    return str(given).lower()


def _upper(given: object) -> object:
    return str(given).upper()


def _trimmed(given: object) -> object:
    return str(given).strip()


def _truth(given: object) -> object:
    return str(given).lower() in {"true", "1", "on", "yes"}


def _same(given: object) -> object:
    return given


def _default(given: object, other: object = "", _is_boolean: object = False) -> object:  # noqa: FBT002  # Jinja's own
    is_absent = isinstance(given, Undefined) or given is None or str(given) == ""
    return other if is_absent else given


FILTERS: Mapping[str, Callable[..., Any]] = {
    "float": to_float,
    "int": to_int,
    "round": rounded,
    "abs": _absolute,
    "lower": _lower,
    "upper": _upper,
    "trim": _trimmed,
    "string": str,
    "bool": _truth,
    "is_defined": _same,
    "iif": chosen,
    "default": _default,
}
"""The filters of templates; others of Jinja (format, replace, join, map …) can grow a text or call what they like."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """Without Jinja's own globals and filters; numbers only are multiplied and added."""

    intercepted_binops = frozenset({"*", "+", "%"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401  # Jinja's signature
        """Refuse what could grow: a text or a list times a number, formatting with %."""
        if operator != "+" or not (isinstance(left, str) and isinstance(right, str)):
            for one in (left, right):
                if isinstance(one, Undefined) or not isinstance(one, int | float):
                    raise TypeError(f"{operator} is for numbers")
        return super().call_binop(context, operator, left, right)


def _sandbox() -> _Sandbox:
    made = _Sandbox(cache_size=0, autoescape=False)  # a state, never a page
    made.globals = cast("Any", {"float": to_float, "int": to_int, "iif": chosen})
    made.filters = dict(FILTERS)
    return made


SANDBOX = _sandbox()


def is_too_deep(source: str) -> bool:
    """Return whether brackets stand deeper than MAX_DEPTH; asked before parsing, which costs some 5 us for each."""
    depth = 0
    for found in _BRACKETS.finditer(source):
        depth += 1 if found.group() in "([{" else -1
        if depth > MAX_DEPTH:
            return True
    return False


def forbidden_in(tree: nodes.Template) -> str:
    """Return what a template does that is not allowed, or an empty text."""
    waiting: list[tuple[nodes.Node, int]] = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_DEPTH:
            return TOO_DEEP
        if not isinstance(node, _ALLOWED):
            return type(node).__name__.lower()
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            return f"the filter {node.name}"
        if isinstance(node, nodes.Test) and node.name not in _TESTS:
            return f"the test {node.name}"
        if isinstance(node, nodes.Call) and not (isinstance(node.node, nodes.Name) and node.node.name in _CALLS):
            return "a call"
        waiting += [(child, depth + 1) for child in node.iter_child_nodes()]
    return ""
