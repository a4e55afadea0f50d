"""Folded templates say what the same templates say unfolded, in each language, with today's values."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from django import forms
from django.template import Context, Engine, Variable
from django.template.base import Node, NodeList
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from shouwang.clues.models import Clue
from shouwang.web.folding import LOOK_UP, Fixed, look_up

TEMPLATES = {
    "frame": '{% load static %}<head>{% translate "今日" %}<link href="{% static "desk/base.css" %}">{% icon "bell" %}</head>'
    "{% block content %}{% endblock %}",
    "list": '{% extends "frame" %}{% block content %}{% for name, count in rows %}<tr><td data-label="{% translate \'期限\' %}">'
    "{{ name }}</td>{% if count %}<td>{% translate '今天' %} {{ count }}</td>{% else %}<td>{% translate '没有数据' %}</td>"
    "{% endif %}<a href=\"{% url 'worklist' %}\">{% blocktranslate %}全部{% endblocktranslate %}</a></tr>{% empty %}"
    "<p>{% translate '还没有记录。' %}</p>{% endfor %}{% include 'part' with head='张三' %}{% endblock %}",
    "part": '<b>{{ head }}</b>{% with word="线索" %}{% translate word %}{% endwith %}{% translate "线索" as kept %}{{ kept }}'
    "{% blocktranslate with n=rows|length %}{{ n }} 条{% endblocktranslate %}{% level_badge level %}",
}
BUILTINS = ["django.templatetags.i18n", "shouwang.web.templatetags.desk"]


def engine(folding: bool) -> Engine:
    inner = [("django.template.loaders.locmem.Loader", TEMPLATES)]
    cached = "shouwang.web.folding.Loader" if folding else "django.template.loaders.cached.Loader"
    libraries = {"static": "django.templatetags.static"}
    return Engine(loaders=[(cached, inner)], builtins=BUILTINS, libraries=libraries)


def fixed_in(nodes: NodeList) -> list[Node]:
    return nodes.get_nodes_by_type(Fixed)


@pytest.mark.parametrize("rows", [[], [("冉<光荣>", 3), ("向明", 0)], [("田英", 1)] * 30])
def test_a_folded_page_says_the_same(rows: list[tuple[str, int]]) -> None:
    folded, plain = engine(folding=True), engine(folding=False)
    for level in ("red", "yellow"):  # what is kept of the first is not said of the second
        for language in ("zh-hans", "en", "zh-hans"):
            with translation.override(language):
                said = [
                    each.get_template("list").render(Context({"rows": rows, "level": level}))
                    for each in (folded, plain)
                ]
            assert said[0] == said[1]
            assert ("期限" in said[0]) is (bool(rows) and language == "zh-hans")


def test_what_stands_between_values_is_one_node() -> None:
    folded = engine(folding=True)
    assert [len(each.nodes) for each in fixed_in(folded.get_template("frame").nodelist)] == [8]  # type: ignore[attr-defined]
    assert fixed_in(engine(folding=False).get_template("frame").nodelist) == []
    assert fixed_in(folded.get_template("part").nodelist) == []  # every word of it depends on something


class Pair(NamedTuple):
    left: str
    right: int


class Form(forms.Form):
    name = forms.CharField()


class Odd:
    plain, nothing = "<冉>", None

    @property
    def broken(self) -> str:
        raise AttributeError("no such thing")

    @property
    def failing(self) -> str:
        raise ZeroDivisionError

    def told(self) -> str:
        return "说"

    def asks(self, more: str) -> str:
        return more

    def drops(self) -> str:
        raise AssertionError("called from a template")

    drops.alters_data = True  # type: ignore[attr-defined]


class Missing(Exception):
    silent_variable_failure = True


class Shy:
    @property
    def gone(self) -> str:
        raise Missing


def things() -> dict[str, Any]:
    return {
        "odd": Odd(), "shy": Shy(), "pair": Pair("左", 2), "form": Form({"name": "<冉>"}), "rows": [Pair("一", 1)],
        "text": "文", "kind": Odd, "told": {"name": "张三", "items": 3, "1": "一"}, "none": None,
        "clue": Clue(level="red", state="open"), "counted": defaultdict(list, {"a": [1]}), "call": lambda: {"name": "李四"},
    }  # fmt: skip


NAMES = """odd odd.plain odd.nothing odd.nothing.more odd.broken odd.failing odd.told odd.asks odd.drops odd.missing shy.gone
pair.left pair.0 pair.right pair.more form.name form.name.value form.is_bound form.nope rows.0.left rows.1 text.upper text.nope
kind kind.plain told.name told.items told.values told.1 told.nope none none.more clue.level clue.get_level_display clue.pk
clue.household counted.a counted.b call.name call.nope missing missing.more"""


@pytest.mark.parametrize("name", NAMES.split())
def test_a_value_is_found_as_django_finds_it(name: str) -> None:
    def outcome(find: Any) -> tuple[str, str]:
        context = Context(things())
        with context.bind_template(Engine().from_string("")):
            try:
                found = find(Variable(name), context)
            except Exception as problem:
                return type(problem).__name__, ""
            return type(found).__name__, str(found) if not callable(found) and "object at" not in str(found) else ""

    assert outcome(look_up) == outcome(LOOK_UP)


VALUES = [
    "<b>",
    mark_safe("<b>"),
    "",
    None,
    0,
    1234567,
    True,
    Decimal("12.50"),
    1.5,
    date(2026, 11, 27),
    gettext_lazy("线索"),
    gettext_lazy("<b>"),
    ["<"],
    Pair("<", 1),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize(
    "around", ["{{ value }}", "{% autoescape off %}{{ value }}{% endautoescape %}", "{{ value|default:'<' }}"]
)
def test_a_value_is_written_as_django_writes_it(value: Any, around: str) -> None:
    page = {"page": around}
    folding, plain = (
        Engine(loaders=[(loader, [("django.template.loaders.locmem.Loader", page)])])
        for loader in ("shouwang.web.folding.Loader", "django.template.loaders.cached.Loader")
    )
    with translation.override("zh-hans"):
        written = [each.get_template("page").render(Context({"value": value})) for each in (folding, plain)]
    assert written[0] == written[1]
