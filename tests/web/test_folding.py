"""Folded templates say what the same templates say unfolded, in each language, with today's values."""

import pytest
from django.template import Context, Engine
from django.template.base import Node, NodeList
from django.utils import translation

from shouwang.web.folding import Fixed

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
