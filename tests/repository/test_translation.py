"""The English of the desk is whole, and the check would notice if it were not."""

import gettext

from translation.__main__ import CATALOGUE, PACKAGE
from translation.catalogue import compiled, faults, read
from translation.gather import gathered, python_texts, template_texts

from shouwang.policy.pack import load_pack
from shouwang.sources.contract import contracts


def test_every_text_of_the_desk_is_said_in_english() -> None:
    assert faults(gathered(PACKAGE, load_pack(), contracts().values()), read(CATALOGUE)) == []


def test_the_compiled_catalogue_is_the_written_one() -> None:
    with CATALOGUE.with_suffix(".mo").open("rb") as stream:
        spoken = gettext.GNUTranslations(stream)
    assert CATALOGUE.with_suffix(".mo").read_bytes() == compiled(CATALOGUE)
    assert all(spoken.gettext(text) == said for text, said in read(CATALOGUE).items())


def test_what_is_missing_or_wrong_is_noticed() -> None:
    wanted = {"线索": "a", "共 {n} 条": "b", "农户": "c"}
    assert faults(wanted, {"线索": "clue", "共 {n} 条": "{n} in all", "农户": "household"}) == []
    assert faults(wanted, {"线索": "", "共 {n} 条": "{n} in all", "农户": "household"}) != []
    assert faults(wanted, {"线索": "clue", "共 {n} 条": "some", "农户": "household"}) != []
    assert faults(wanted, {"线索": "clue", "共 {n} 条": "{n} in all", "农户": "农户"}) != []
    assert faults({}, {"线索": "clue"}) != []


def test_texts_are_found_in_code_and_templates() -> None:
    assert list(python_texts('a = _("甲")\nb = gettext_lazy("乙").format(x=1)\nc = "丙"')) == ["甲", "乙"]
    page = '<p title="{% translate \'甲\' %}">{% blocktranslate with n=x.y %}乙 {{ n }}{% endblocktranslate %}{{ z|default:_("丙") }}</p>'
    assert list(template_texts(page)) == ["甲", "乙 %(n)s", "丙"]
