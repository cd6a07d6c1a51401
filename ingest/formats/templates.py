"""Value templates of discovery: simple ones compiled, others run in a sandbox without loops; the rest is refused."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from jinja2 import Template, TemplateError, nodes

from core.log import ParkReason
from ingest.formats.json_body import json_of
from ingest.formats.template_sandbox import FILTERS, MAX_PAYLOAD_BYTES, SANDBOX, TOO_DEEP, forbidden_in, is_too_deep
from ingest.raw import UnreadableError

MAX_SOURCE_CHARS = 2_000
"""The longest template in the wild has some 400 characters; parsing is linear in this."""

MAX_TEMPLATES = 4_096
"""Templates kept compiled: a town's devices share a few dozen."""

MAX_RESULT_CHARS = 1_000
"""A state is a word or a number."""


class Missing:
    """A value that the payload does not hold; there is one."""

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return ""


MISSING = Missing()

Inner = Callable[["Payload"], object]
"""One compiled expression."""

_COMPARE: dict[str, Callable[[Any, Any], object]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "lteq": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "gteq": lambda a, b: a >= b,
}


class Payload:
    """A message as templates see it; its JSON is read at most once, however many templates ask."""

    __slots__ = ("_json", "_raw", "text")

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self.text = raw.decode("utf-8", "replace")
        self._json: object = MISSING

    @property
    def json(self) -> object:
        """Return what the payload holds; raises UnreadableError when it is not JSON."""
        if self._json is MISSING:
            self._json = json_of(self._raw)
        return self._json


@lru_cache(maxsize=MAX_TEMPLATES)
def rendering(source: str) -> Callable[[Payload], str]:
    """Return what renders a payload to text, "" where a value is missing; raises UnreadableError for what is refused.

    What it returns raises UnreadableError and nothing else, and its time is bounded by the template's length.
    """
    if len(source) > MAX_SOURCE_CHARS:
        raise _refused(source, f"longer than {MAX_SOURCE_CHARS} characters")
    if is_too_deep(source):
        raise _refused(source, TOO_DEEP)
    try:
        tree = SANDBOX.parse(source)
    except (TemplateError, RecursionError) as error:
        raise _refused(source, str(error)) from error
    forbidden = forbidden_in(tree)
    if forbidden:
        raise _refused(source, f"{forbidden} is not allowed in a template")
    expression = _only_expression(tree)
    simple = None if expression is None else _compiled(expression)
    if simple is not None:
        return _guarded(source, simple)

    def inner(payload: Payload) -> object:
        if len(payload.text) > MAX_PAYLOAD_BYTES:
            raise ValueError(f"more than {MAX_PAYLOAD_BYTES} characters for a template that is not simple")
        return _sandboxed(source).render(value=payload.text, value_json=_soft_json(payload))

    return _guarded(source, inner)


@lru_cache(maxsize=MAX_TEMPLATES)
def _sandboxed(source: str) -> Template:
    """Return the sandbox's own code for a template; made when first needed, since it takes a millisecond."""
    return SANDBOX.from_string(source)


def _guarded(source: str, inner: Inner) -> Callable[[Payload], str]:
    def render(payload: Payload) -> str:
        try:
            text = str(inner(payload))
        except (
            TemplateError,
            ArithmeticError,
            TypeError,
            ValueError,
            LookupError,
            AttributeError,
            RecursionError,
        ) as error:
            detail = f"template {source!r:.60}: {error!s:.80}"
            raise UnreadableError(ParkReason.ABSURD_VALUE, detail) from error
        if len(text) > MAX_RESULT_CHARS:
            raise UnreadableError(
                ParkReason.ABSURD_VALUE, f"template {source!r:.60}: more than {MAX_RESULT_CHARS} characters"
            )
        return text.strip()

    return render


def _soft_json(payload: Payload) -> object:
    """Return the JSON, or nothing where a template that may not need it meets a bare text."""
    try:
        return payload.json
    except UnreadableError:
        return SANDBOX.undefined(name="value_json")


def _only_expression(tree: nodes.Template) -> nodes.Expr | None:
    """Return the expression of a template that is nothing but `{{ … }}`."""
    parts = [node for output in tree.body if isinstance(output, nodes.Output) for node in output.nodes]
    is_plain = all(isinstance(node, nodes.Output) for node in tree.body)
    found = [node for node in parts if not (isinstance(node, nodes.TemplateData) and not node.data.strip())]
    return found[0] if is_plain and len(found) == 1 and not isinstance(found[0], nodes.TemplateData) else None


def _compiled(node: nodes.Node) -> Inner | None:
    """Return a closure for an expression of the simple kinds, or None."""
    if isinstance(node, nodes.Const):
        constant: object = node.value
        return lambda _payload: constant
    if isinstance(node, nodes.Name):
        names: dict[str, Inner] = {"value": lambda payload: payload.text, "value_json": lambda payload: payload.json}
        return names.get(node.name)
    if isinstance(node, nodes.Getattr):
        return _got(node.node, node.attr)
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        return _got(node.node, node.arg.value)
    if isinstance(node, nodes.Compare) and len(node.ops) == 1:
        return _compared(node.expr, node.ops[0])
    return _filtered(node) if isinstance(node, nodes.Filter) else None


def _got(inside: nodes.Node, key: object) -> Inner | None:
    holder = _compiled(inside)
    if holder is None or not isinstance(key, str | int):
        return None

    def get(payload: Payload) -> object:
        found: Any = holder(payload)
        if isinstance(found, dict):
            return found.get(key, MISSING)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # JSON
        if isinstance(found, list) and isinstance(key, int) and -len(found) <= key < len(found):  # pyright: ignore[reportUnknownArgumentType]  # JSON
            return found[key]  # pyright: ignore[reportUnknownVariableType]  # JSON
        return MISSING

    return get


def _filtered(node: nodes.Filter) -> Inner | None:
    inner = None if node.node is None else _compiled(node.node)
    arguments = [one.value for one in node.args if isinstance(one, nodes.Const)]
    apply = FILTERS.get(node.name)
    is_simple = len(arguments) == len(node.args) and not (node.kwargs or node.dyn_args or node.dyn_kwargs)
    if inner is None or apply is None or not is_simple:
        return None

    def call(payload: Payload) -> object:
        given = inner(payload)
        return given if given is MISSING and node.name not in _OF_MISSING else apply(given, *arguments)

    return call


_OF_MISSING = frozenset({"default"})


def _compared(left: nodes.Node, operand: nodes.Operand) -> Inner | None:
    one, other, compare = _compiled(left), _compiled(operand.expr), _COMPARE.get(operand.op)
    if one is None or other is None or compare is None:
        return None

    def judge(payload: Payload) -> object:
        given = one(payload)
        return MISSING if given is MISSING else compare(given, other(payload))

    return judge


def _refused(source: str, why: str) -> UnreadableError:
    return UnreadableError(ParkReason.UNKNOWN_MEANING, f"template {source!r:.60} is not read: {why:.100}")
