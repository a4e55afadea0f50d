"""The checks behind the conditions: each looks at what is known and says what it found, in words, with the rows."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from shouwang.clues.models import Clue, RiskType
from shouwang.elimination.knowledge import Found, Known, Row, State
from shouwang.elimination.models import NaturalGround

FEN = Decimal("0.01")


def _met(words: str, rows: Sequence[Row] = ()) -> Found:
    return Found(State.MET, words, rows)


def _unmet(words: str, advice: str, rows: Sequence[Row] = ()) -> Found:
    return Found(State.UNMET, words, rows, advice)


def _unknown(words: str, advice: str, rows: Sequence[Row] = ()) -> Found:
    return Found(State.UNKNOWN, words, rows, advice)


def _not_in_the_lake() -> Found:
    return _unknown(_("农户名册中没有这一户"), _("请农业农村部门核对名册后重新交付"))


def labour(known: Known) -> Found:
    able = known.number("members_with_some_labour")
    if able is None:
        return _not_in_the_lake()
    if able == 0:
        return _unmet(
            _("整户无劳动能力：{members}中没有人登记有劳动能力").format(members=known.facts["members"].words),
            _("落实兜底保障，不标注风险消除，继续监测；登记有误的先改正名册"),
            known.rows("members"),
        )
    return _met(_("有劳动能力或半劳动能力的{able}").format(able=known.facts["members_with_some_labour"].words))


def duration(known: Known) -> Found:
    days, least = (known.on - known.included_on).days, known.requirements.least_days
    told = {"since": known.included_on, "days": days, "least": least}
    if days < least:
        until = known.included_on + timedelta(days=least)
        return _unmet(
            _("{since}识别，至今{days}天，不满{least}天").format(**told), _("{until}起才能提出").format(until=until)
        )
    return _met(_("{since}识别，至今{days}天").format(**told))


def _a_head(known: Known, name: str) -> Decimal | None:
    net, members = known.number(name), known.number("members")
    return None if net is None or not members else (net / members).quantize(FEN)


def income(known: Known) -> Found:
    if not known.facts:
        return _not_in_the_lake()
    found, line, rows = _a_head(known, "net_income"), known.requirements.line, known.rows("net_income")
    if found is None:
        return _unknown(_("没有有效的收入采集表"), _("入户测算收入，以入户核查的五项收支为准"))
    told = {"found": f"{found:,.2f}", "line": f"{line:,.2f}"}
    if found <= line:
        return _unmet(
            _("人均纯收入{found}元，不高于当年监测线{line}元").format(**told), _("收入稳定高于监测线后再提出"), rows
        )
    return _met(_("人均纯收入{found}元，高于当年监测线{line}元").format(**told), rows)


def stable_income(known: Known) -> Found:
    if not known.facts:
        return _not_in_the_lake()
    lowest, line = _a_head(known, "lowest_recent_net_income"), known.requirements.line
    rows, days = known.rows("lowest_recent_net_income"), known.requirements.stable_days
    if lowest is None:
        return _unknown(
            _("近{days}天没有收入采集表").format(days=days), _("入户测算收入，以入户核查的五项收支为准"), rows
        )
    told = {"lowest": f"{lowest:,.2f}", "line": f"{line:,.2f}", "days": days}
    if lowest <= line:
        return _unmet(
            _("近{days}天内最低一张人均{lowest}元，不高于监测线{line}元").format(**told),
            _("各张采集表都高于监测线满半年后再提出"),
            rows,
        )
    return _met(_("近{days}天内最低一张人均{lowest}元，高于监测线{line}元").format(**told), rows)


def schooling(known: Known) -> Found:
    if not known.facts:
        return _not_in_the_lake()
    if known.number("dropout_children"):
        return _unmet(
            _("义务教育阶段失学辍学{number}").format(number=known.facts["dropout_children"].words),
            _("劝返复学，由教育部门更新学籍后再提出"),
            known.rows("dropout_children"),
        )
    if known.number("children_not_on_roll"):
        words = known.facts["children_not_on_roll"].words
        return _unknown(
            _("义务教育阶段没有学籍记录的{number}").format(number=words),
            _("入户核实在读情况"),
            known.rows("children_not_on_roll"),
        )
    return _met(_("义务教育阶段没有失学辍学"))


def insurance(known: Known) -> Found:
    if not known.facts:
        return _not_in_the_lake()
    number = known.number("members_without_insurance")
    if not number:
        return _met(_("成员当年都已参保"))
    if not known.facts["county_enrolment_delivered"].value:
        return _unknown(_("本区县当年参保名册还没有收到"), _("入户核实参保凭证"))
    return _unmet(
        _("当年没有参保的{number}").format(number=known.facts["members_without_insurance"].words),
        _("动员参保，由医保部门更新参保名册后再提出"),
        known.rows("members_without_insurance"),
    )


def housing(known: Known) -> Found:
    if not known.facts:
        return _not_in_the_lake()
    if known.number("unsafe_houses"):
        return _unmet(
            _("最近一次鉴定为危房，没有整治完成"),
            _("整治验收，由住房城乡建设部门更新鉴定后再提出"),
            known.rows("unsafe_houses"),
        )
    return _met(_("没有未整治的危房"))


def water(known: Known) -> Found:
    if not known.facts:
        return _not_in_the_lake()
    if known.number("open_water_faults"):
        return _unmet(
            _("供水故障{number}还没有恢复").format(number=known.facts["open_water_faults"].words),
            _("恢复供水，由水利部门更新后再提出"),
            known.rows("open_water_faults"),
        )
    return _met(_("没有未恢复的供水故障"))


def spending(known: Known) -> Found:
    if not known.facts:
        return _not_in_the_lake()
    large = [each for each in known.fired if each.rule in known.requirements.spending_rules]
    rows = known.rows("medical_out_of_pocket", "beyond_compulsory_self_paid")
    if large:
        return _unmet("；".join(each.reason for each in large), _("支出稳定解决、不再触发预警后再提出"), rows)
    told = [known.facts[name].words for name in ("medical_out_of_pocket", "beyond_compulsory_self_paid")]
    return _met(
        _("医疗自付{medical}、就学自付{schooling}，都没有达到预警标准").format(medical=told[0], schooling=told[1])
    )


def recorded_risks(known: Known) -> Found:
    if not known.facts:
        return _not_in_the_lake()
    still = _standing_rules(known, lambda risk: risk in known.risks)
    still += [
        _("线索{number}（{risk}）{joined_on}核实属实，至今不满{days}天").format(
            number=each.number,
            risk=RiskType(each.risk_type).label,
            joined_on=each.joined_on,
            days=known.requirements.stable_days,
        )
        for each in known.clues
        if each.joined_on is not None and (known.on - each.joined_on).days < known.requirements.stable_days
    ]
    named = "、".join(str(RiskType(each).label) for each in known.risks)
    if still:
        return _unmet("；".join(still), _("风险稳定消除、不再触发预警后再提出"))
    return _met(_("识别的风险（{named}）都不再触发预警").format(named=named))


def new_risks(known: Known) -> Found:
    if not known.facts:
        return _not_in_the_lake()
    open_ones = [each for each in known.clues if each.state == Clue.State.OPEN]
    told = [
        _("线索{number}（{risk}，{level}）还没有办结").format(
            number=each.number, risk=RiskType(each.risk_type).label, level=each.level
        )
        for each in open_ones
    ]
    told += _standing_rules(known, lambda risk: risk not in known.risks)
    if told:
        return _unmet("；".join(told), _("先核实处置；属实的继续帮扶，不属实的排除线索"))
    return _met(_("没有未办结的线索，没有新增风险"))


def _standing_rules(known: Known, of: Callable[[str], bool]) -> list[str]:
    """The reasons of rules that fire and that nobody has looked into and dismissed."""
    dismissed = {each.risk_type for each in known.clues if each.state == Clue.State.DISMISSED}
    return [each.reason for each in known.fired if of(each.risk_type) and each.risk_type not in dismissed]


def measures(known: Known) -> Found:
    if known.measures == 0:
        return _unmet(_("还没有落实的帮扶措施"), _("落实至少一项帮扶措施，并登记成效后再提出"))
    return _met(_("已落实帮扶措施{number}项").format(number=known.measures))


def nobody_left(known: Known) -> Found:
    if known.ground is None:
        return _unmet(_("还有在册成员，不能自然消除"), _("符合条件的按帮扶消除提出"), known.rows("members"))
    told = "；".join(f"{each.name}{each.words}" for each in known.gone)
    ground = NaturalGround(known.ground).label
    return _met(f"{ground}：{told}", tuple(each.row for each in known.gone))
