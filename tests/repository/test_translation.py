"""The English of the desk is whole, and the check would notice if it were not."""

import gettext

from translation.__main__ import CATALOGUE, PACKAGE
from translation.catalogue import compiled, faults, read
from translation.gather import gathered, python_texts, template_texts, unspoken, unspoken_in_template

from shouwang.policy.pack import load_pack
from shouwang.sources.contract import contracts


def test_every_text_of_the_desk_is_said_in_english() -> None:
    assert faults(gathered(PACKAGE, load_pack(), contracts().values()), read(CATALOGUE)) == []


def test_the_compiled_catalogue_is_the_written_one() -> None:
    with CATALOGUE.with_suffix(".mo").open("rb") as stream:
        spoken = gettext.GNUTranslations(stream)
    assert CATALOGUE.with_suffix(".mo").read_bytes() == compiled(CATALOGUE)
    assert all(spoken.gettext(text) == said for text, said in read(CATALOGUE).items())


SHOWN = ("web", "accounts", "amendments", "areas", "assistance", "audit", "clues", "exchange", "households", "jobs")
# Chinese that no page shows as it stands here: what is written into records, files and logs, names of cells and places
# that are compared, what the command line says, and the demonstration's own people.
KEPT = {
    "accounts/models.py": {"已启用", "未启用", "已使用", "未使用"},
    "areas/models.py": {"区县"},
    "audit/apps.py": {"审计"},
    "audit/reading.py": {"操作人", "事项", "对象", "结果", "自", "至"},
    "audit/triggers.py": {"审计记录只能追加，不能修改或删除"},
    "clues/rising.py": {"已并入", "按", "的下发规则", "到期未办理，上报"},
    "jobs/account_sheet.py": "the sheet that is filled in is one for all languages",
    "jobs/backup.py": "the command line's",
    "jobs/casework.py": "the command line's",
    "jobs/clues.py": "the command line's",
    "jobs/demo.py": "the demonstration's people",
    "jobs/demo_desk.py": "the demonstration's people",
    "jobs/demo_handling.py": "the demonstration's people",
    "jobs/demo_finding.py": "the demonstration's people",
    "jobs/demo_helping.py": "the demonstration's people",
    "jobs/demo_eliminating.py": "the demonstration's people",
    "jobs/demo_record.py": "the demonstration's people",
    "jobs/demo_identifying.py": "the demonstration's people",
    "jobs/demo_declaring.py": "the demonstration's people",
    "jobs/demo_outputs.py": "the demonstration's people",
    "jobs/delivered_form.py": "written into sheets by the worker",
    "jobs/delivered_income.py": "kept with the collection, and shown as Chinese",
    "jobs/sweeps.py": {"健康"},
    "jobs/demo_sweeping.py": "the demonstration's people",
    "jobs/field_keys.py": "the command line's",
    "jobs/handling.py": "kept with the message, and shown as Chinese",
    "jobs/history.py": {"户主", "代码"},
    "jobs/household_record.py": {"户主"},
    "jobs/identification.py": "kept with the comparison, and shown as Chinese",
    "jobs/link_decisions.py": {"是此人", "都不是", "撤销认定", "乡村振兴部门"},
    "jobs/mending.py": {"改正", "行.xlsx"},
    "jobs/newcomers.py": {"户主"},
    "jobs/outputs.py": "written into sheets, and kept with the export by the worker",
    "jobs/person_history.py": {"联系电话或住址", "户编号"},
    "jobs/policy.py": "the command line's",
    "jobs/policy_cases.py": {"户主", "元"},
    "jobs/policy_words.py": {"人"},
    "jobs/register.py": {"户主"},
    "jobs/register_sheet.py": {"名册修订单"},
    "jobs/review.py": {"姓名", "行政区划代码", "户主"},
    "jobs/screening.py": {"程序内部出错，筛查未完成，已记入日志。请联系管理员。"},
    "jobs/serving.py": "the command line's",
    "jobs/uploads.py": "kept with the upload by the worker",
    "jobs/worker.py": "the command line's",
    "web/apps.py": {"守望工作台"},
    "web/audit.py": {"全部", "无"},
    "web/charts/choropleth.py": {
        "自治县",
        "村民委员会",
        "居民委员会",
        *("街道", "社区", "新区", "区", "县", "镇", "乡", "村"),
    },
    "web/evidence.py": {"（依据："},
    "web/household_life.py": {"健康状况"},
    "web/household.py": {"脱贫户", "一般农户"},
    "web/templatetags/desk.py": {"（依据：[^（）]*）", "村民委员会", "居民委员会"},
}


def test_nothing_that_a_page_says_goes_past_the_catalogue() -> None:
    for folder in SHOWN:
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            kept = KEPT.get(path.relative_to(PACKAGE).as_posix(), set())
            if "migrations" not in path.parts and not isinstance(kept, str):
                assert set(unspoken(path.read_text(encoding="utf-8"))) <= kept, path
    for path in sorted(PACKAGE.rglob("*.html")):
        assert list(unspoken_in_template(path.read_text(encoding="utf-8"))) == [], path


def test_chinese_past_the_catalogue_is_noticed() -> None:
    assert list(unspoken('"""丁"""\na = _("甲")\nb = f"乙{a}"\nc = {"丙": gettext(\n"甲")}')) == ["乙", "丙"]
    page = '<p>{% translate "甲" %}{# 乙 #}{% blocktranslate %}丙{% endblocktranslate %}</p>\n<p>丁 {{ x }}</p>'
    assert list(unspoken_in_template(page)) == ["<p>丁 </p>"]


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
