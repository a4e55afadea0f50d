"""Templates whose fixed parts are written once: what stands between two values is the same at every request in one language.

A page of thirty rows is thousands of nodes, most of which put the same words in the same place. Text, words to translate,
addresses without arguments, files and icons that follow each other become one node, which keeps what it wrote by language.

The values between them are mostly texts and attributes of objects. Those are looked up and written at once; everything else,
and whatever is not found at once, by Django as ever.
"""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby
from typing import Any

from django.template import Context, Template
from django.template.base import Node, NodeList, TextNode, TokenType, Variable, VariableNode, render_value_in_context
from django.template.defaulttags import IfNode, LoadNode, URLNode
from django.template.library import SimpleNode
from django.template.loaders.cached import Loader as CachedLoader
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language

SAME_FOR_SAME_ARGUMENTS = frozenset({"icon", "level_shape"})


class Fixed(Node):
    """Nodes that always write the same in a language."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes, self.token, self.origin = nodes, nodes[0].token, nodes[0].origin
        self.written: dict[str | None, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        language = get_language()
        if language not in self.written:
            self.written[language] = SafeString("".join(node.render_annotated(context) for node in self.nodes))
        return self.written[language]


class Value(Node):
    """A value: a text is written at once, escaped; anything else as Django writes it."""

    child_nodelists = ()

    def __init__(self, node: VariableNode) -> None:
        self.expression, self.token, self.origin = node.filter_expression, node.token, node.origin

    def render(self, context: Context) -> str:
        value = self.expression.resolve(context)
        if isinstance(value, Promise):
            value = str(value)
        kind = type(value)
        if kind is SafeString:
            return value
        if kind is str and context.autoescape:
            return escape(value)
        return render_value_in_context(value, context)


def look_up(variable: Variable, context: Context) -> Any:
    """The value of a name in a template, as `Variable` itself would find it.

    Django asks every object for an item first and takes the attribute when that fails; here only a dict is asked for one, and
    an object that has items of its own, a form or a tuple, is left to Django, and so is whatever is not there.
    """
    try:
        bits = variable.lookups
        name = bits[0]
        for scope in reversed(context.dicts):
            if name in scope:
                value = scope[name]
                break
        else:
            return LOOK_UP(variable, context)
        if callable(value):
            return LOOK_UP(variable, context)
        for bit in bits[1:]:
            kind = type(value)
            if kind is dict and bit in value:
                value = value[bit]
            elif kind is dict or not hasattr(kind, "__getitem__"):
                value = getattr(value, bit)
            else:
                return LOOK_UP(variable, context)
            if callable(value):
                return LOOK_UP(variable, context)
    except Exception:  # which Django may pass over in silence, and says so where it does not
        return LOOK_UP(variable, context)
    return value


LOOK_UP = Variable._resolve_lookup
Variable._resolve_lookup = look_up


class Loader(CachedLoader):
    """Loads each template once, and folds it."""

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        template = super().get_template(template_name, skip)
        if not hasattr(template, "folded"):
            template.folded = True
            fold(template.nodelist)
        return template


def fold(nodes: NodeList) -> None:
    """Folds a list of nodes, and those within them, in its place."""
    for node in nodes:
        for inner in _within(node):
            fold(inner)
    nodes[:] = _folded(nodes)


def _within(node: Node) -> Iterator[NodeList]:
    if isinstance(node, IfNode):  # its own list is made anew each time that it is asked for
        yield from (inner for _, inner in node.conditions_nodelists)
        return
    for name in node.child_nodelists:
        inner = getattr(node, name, None)
        if isinstance(inner, NodeList):
            yield inner


def _folded(nodes: Iterable[Node]) -> Iterator[Node]:
    for fixed, some in groupby(nodes, _is_fixed):
        run = list(some)
        if fixed and (len(run) > 1 or not isinstance(run[0], TextNode)):
            yield Fixed(run)
        else:
            yield from (Value(node) if type(node) is VariableNode else node for node in run)


def _is_fixed(node: Node) -> bool:
    match node:
        case TextNode() | LoadNode():
            return True
        case TranslateNode():
            return not node.asvar and not node.message_context and _is_literal(node.filter_expression)
        case BlockTranslateNode():
            words = all(token.token_type == TokenType.TEXT for token in node.singular)
            return words and not (node.extra_context or node.plural or node.asvar or node.message_context)
        case URLNode():
            return not (node.args or node.kwargs or node.asvar) and _is_literal(node.view_name)
        case StaticNode():
            return not node.varname and _is_literal(node.path)
        case SimpleNode():
            same = node.func.__name__ in SAME_FOR_SAME_ARGUMENTS and not (node.takes_context or node.kwargs)
            return same and not node.target_var and all(map(_is_literal, node.args))
    return False


def _is_literal(expression: Any) -> bool:
    """Whether an expression is a text in quotes, without filters."""
    if expression.filters:
        return False
    return not isinstance(expression.var, Variable) or expression.var.literal is not None
