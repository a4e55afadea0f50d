"""Whether a policy pack holds together: everything it names exists, rests on a ground, and is tried by examples."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from shouwang.facts.catalogue import catalogue
from shouwang.facts.conditions import Condition, NoneOf, OneOf
from shouwang.facts.declaration import Fact
from shouwang.facts.register import PARAMETERS as REGISTER_PARAMETERS
from shouwang.facts.setting import Setting
from shouwang.kernel.divisions import load_divisions
from shouwang.kernel.errors import InputError
from shouwang.kernel.measure_map import MeasureEntry
from shouwang.policy.dated import Ground
from shouwang.policy.deadlines import CLOCKS
from shouwang.policy.expression import kind_of
from shouwang.policy.pack import CASES, Pack, load_pack
from shouwang.policy.rule import Rule
from shouwang.screening.cases import Case, load_cases, run_cases
from shouwang.screening.engine import RISK_TYPES_HIT, RULES_HIT_OUTSIDE_INCOME
from shouwang.sources.contract import contract, contracts

NUMERIC = ("amount", "ratio", "count", "days", "months", "age")
REASON_FORMS = ".period"
NOTICE_AHEAD = timedelta(days=31)


@dataclass
class PackReport:
    """Faults forbid the use of a pack; warnings ask a person to act; notes only say how things stand."""

    pack: Pack | None
    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    cases: int = 0


def check_pack(path: Path | None, today: date, *, with_cases: bool = True) -> PackReport:
    """Checks the pack in a folder (None: the installation's); runs its cases where all else is in order."""
    try:
        pack = load_pack(path)
        load_divisions(pack.path / "divisions")
        cases = load_cases(pack)
    except InputError as problem:
        return PackReport(None, [str(problem)])
    report = PackReport(pack, cases=len(cases))
    parts = (_parameters(pack), _facts(pack, today), _rules(pack), _levels(pack), _clocks(pack), _measures(pack))
    for found in (*parts, _checklist(pack)):
        report.faults += found
    report.faults += _case_files(pack, cases)
    report.warnings += _years_without_calendar(pack, today)
    report.warnings += _overdue_amounts(pack, today)
    report.notes += _long_unchanged(pack, today)
    if with_cases and not report.faults:
        report.faults += [fault.words() for fault in run_cases(pack, cases)]
    return report


def unsuitable(pack: Pack, day: date) -> list[str]:
    """What the facts cannot work with among the values of parameters, such as codes that no file has."""
    return list(dict.fromkeys(_facts(pack, day)))


def _parameters(pack: Pack) -> Iterator[str]:
    used = {name for rule in pack.rules.values() for name in rule.parameters()}
    used |= {name for fact in catalogue().values() for name in fact.parameters()} | set(REGISTER_PARAMETERS)
    for name in sorted(used - set(pack.parameters)):
        yield f"用到的参数 {name} 没有定义"
    for parameter in pack.parameters.values():
        yield from _ground(pack, parameter.ground, f"参数 {parameter.id}")


def _clocks(pack: Pack) -> Iterator[str]:
    for name in CLOCKS:
        if name not in pack.deadlines:
            yield f"deadlines.yaml 缺少时限 {name}"
    for deadline in pack.deadlines.values():
        yield from _ground(pack, deadline.ground, f"时限 {deadline.id}")


def _measures(pack: Pack) -> Iterator[str]:
    """Every risk has its answer, and what tells that a measure is received speaks of columns and codes that there are."""
    for what, ground in pack.measures.grounds.items():
        yield from _ground(pack, ground, what)
    known = pack.measures.map
    for risk in sorted(pack.risk_types.keys() ^ known.answers.keys()):
        yield f"measures.yaml 的 risks 与 risk_types.yaml 不一致：{risk}"
    for entry in known.entries:
        what = f"措施 {entry.id}"
        if entry.amount and entry.amount not in pack.parameters:
            yield f"{what}的金额参数 {entry.amount} 没有定义"
        if entry.received is not None:
            yield from _refused(lambda entry=entry, what=what: _must_be_columns(entry, what))  # type: ignore[misc]


def _checklist(pack: Pack) -> Iterator[str]:
    """Every item of a sweep asks about a risk that there is, and speaks of department files that there are."""
    known = contracts()
    for what, ground in pack.checklist.grounds.items():
        yield from _ground(pack, ground, what)
    for item in pack.checklist.items:
        if item.risk not in pack.risk_types:
            yield f"排查项目 {item.id} 的风险类型 {item.risk} 没有定义"
        yield from (f"排查项目 {item.id} 提到没有的数据来源 {each}" for each in item.sources if each not in known)


def _must_be_columns(entry: MeasureEntry, what: str) -> None:
    received = entry.received
    if received is None:
        return
    of = contract(received.source)
    for name in (*received.where, *filter(None, (received.since, received.until, received.year))):
        if not of.has(name):
            raise InputError(f"{what}的 received 提到数据来源 {of.source} 没有的列 {name}", "核对合约")
    for name, codes in received.where.items():
        if unknown := [code for code in codes if code not in of.column(name).codes]:
            raise InputError(f"{what}的 received 中{'、'.join(unknown)}不是{of.column(name).header}的代码", "核对合约")


def _years_without_calendar(pack: Pack, today: date) -> Iterator[str]:
    """The notice of a year comes out in the autumn before it; clocks that begin in December reach into that year."""
    for year in pack.calendar.assumed(today, today + NOTICE_AHEAD):
        yield f"节假日表没有{year}年：暂按周一至周五计算工作日，请按国务院办公厅通知在“政策”页提出并审定"


def _ground(pack: Pack, ground: Ground, what: str) -> Iterator[str]:
    document = pack.documents.get(ground.document)
    if document is None:
        yield f"{what}的依据文件 {ground.document} 不在 documents.yaml 中"
    elif ground.clause not in document.clauses:
        yield f"{what}的依据条款“{ground.clause}”没有列在文件 {ground.document} 之下"


def _facts(pack: Pack, today: date) -> Iterator[str]:
    """Parameters that facts use must be of the kind that they are used as, and name codes that occur."""
    for fact in catalogue().values():
        if any(name not in pack.parameters for name in fact.parameters()):
            continue
        at = Setting(today, {name: pack.parameters[name].values[-1][1] for name in fact.parameters()})
        try:
            for condition in fact.conditions():
                condition.sql(at)
            fact.value.carrying("SELECT 1", at)
        except TypeError as problem:
            yield f"事实 {fact.name} 用到的参数类型不对：{problem}"
        yield from _codes(pack, fact, fact.source, (*fact.where, *fact.keep))
        if fact.lacking:
            yield from _codes(pack, fact, fact.lacking.source, fact.lacking.where)


def _codes(pack: Pack, fact: Fact, source: str, conditions: tuple[Condition, ...]) -> Iterator[str]:
    for condition in conditions:
        if not isinstance(condition, (OneOf, NoneOf)):
            continue
        of_member = condition.column.startswith("member.")
        column = contract("household_register" if of_member else source).column(condition.column.split(".")[-1])
        for _, value in pack.parameters[condition.parameter].values:
            unknown = [name for name in value if name not in column.codes] if isinstance(value, tuple) else []
            if column.codes and unknown:
                yield f"参数 {condition.parameter} 中的{'、'.join(unknown)}不是{column.header}的代码（事实 {fact.name}）"


def _kinds(pack: Pack) -> dict[str, str]:
    facts = {fact.name: "flag" if fact.kind == "flag" else "number" for fact in catalogue().values()}
    return facts | {each.id: "number" if each.type in NUMERIC else "codes" for each in pack.parameters.values()}


def _rules(pack: Pack) -> Iterator[str]:
    kinds = _kinds(pack)
    for rule in pack.rules.values():
        what = f"规则 {rule.id}"
        yield from _ground(pack, rule.ground, what)
        for change in rule.changes:
            yield from _ground(pack, change.ground, f"{what}第{change.version}版")
        if rule.risk_type not in pack.risk_types:
            yield f"{what}的风险类型 {rule.risk_type} 不在 risk_types.yaml 中"
        yield from _refused(lambda rule=rule, what=what: _must_be_flag(kind_of(rule.condition, kinds, what), what))  # type: ignore[misc]
        yield from _words(rule, kinds)
        for name in rule.evidence:
            if name not in catalogue():
                yield f"{what}的证据 {name} 不是已声明的事实"


def _words(rule: Rule, kinds: dict[str, str]) -> Iterator[str]:
    what = f"规则 {rule.id}"
    for reason in rule.reasons:
        if reason.when is not None:
            when = reason.when
            yield from _refused(lambda when=when: _must_be_flag(kind_of(when, kinds, what), what))  # type: ignore[misc]
        for name in reason.placeholders():
            bare = name.removesuffix(REASON_FORMS)
            if bare not in kinds:
                yield f"{what}的理由用到没有定义的 {{{name}}}"
    if rule.reasons[-1].when is not None:
        yield f"{what}的最后一条理由不应带 when，否则可能无话可说"


def _levels(pack: Pack) -> Iterator[str]:
    kinds = _kinds(pack) | {RISK_TYPES_HIT: "number", RULES_HIT_OUTSIDE_INCOME: "number"}
    for level in pack.levels:
        what = f"级别 {level.id}"
        yield from _refused(lambda level=level, what=what: _must_be_flag(kind_of(level.when, kinds, what), what))  # type: ignore[misc]
    if not pack.levels:
        yield "levels.yaml 没有定义级别"


def _must_be_flag(kind: str, what: str) -> None:
    if kind != "flag":
        raise InputError(f"{what}的条件不是一个是否判断", "写成比较，或用是否类的事实")


def _refused(check: Callable[[], None]) -> Iterator[str]:
    try:
        check()
    except InputError as problem:
        yield problem.message


def _case_files(pack: Pack, cases: list[Case]) -> Iterator[str]:
    answers: dict[str, set[bool]] = {rule: set() for rule in pack.rules}
    for case in cases:
        answers[case.rule].add(case.fires)
    for rule, seen in answers.items():
        if seen != {True, False}:
            yield f"规则 {rule} 的例子须既有预警的，也有不预警的"
    for path in sorted((pack.path / "rules").glob(f"*/*{CASES}")):
        name = f"{path.parent.name}.{path.name.removesuffix(CASES)}"
        if name not in pack.rules:
            yield f"例子文件 {path.name} 没有对应的规则"


def _overdue_amounts(pack: Pack, today: date) -> Iterator[str]:
    """Amounts are set anew every year: an old one may be missing its new value."""
    for each in pack.overdue(today):
        if each.type == "amount":
            since, value = each.values[-1]
            words = each.words(value)
            yield f"参数 {each.id}（{each.title}）自{since}起为{words}，已满一年没有新值，沿用中，请核对是否有新标准"


def _long_unchanged(pack: Pack, today: date) -> Iterator[str]:
    """Ages, look-back days and lists of codes hold until somebody decides otherwise; that they are old is said once."""
    if others := [each.id for each in pack.overdue(today) if each.type != "amount"]:
        yield f"{len(others)}个天数、年龄、代码等参数的最后定值已满一年，沿用中，无须逐年核定：{'、'.join(others)}"
