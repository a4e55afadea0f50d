"""The policy pack in words that can be read aloud: what the desk shows of rules, parameters and documents."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import get_language, gettext, gettext_lazy

from shouwang.facts.catalogue import catalogue
from shouwang.jobs.policy import current_pack
from shouwang.kernel.working_days import Limit
from shouwang.policy.dated import Dated, Ground
from shouwang.policy.deadlines import Deadline
from shouwang.policy.decided import Decided
from shouwang.policy.expression import Constant, Name, Operation, Term
from shouwang.policy.holidays import Holidays
from shouwang.policy.pack import Document
from shouwang.policy.pack import Pack as PolicyPack
from shouwang.policy.parameters import Parameter, Value, is_share, plain
from shouwang.policy.rule import PLACEHOLDER, Rule
from shouwang.screening.pack_check import NOTICE_AHEAD
from shouwang.sources.contract import contracts

ENGLISH = "en"
SIGNS = {
    "=": gettext_lazy("等于"),
    "<>": gettext_lazy("不等于"),
    "<": gettext_lazy("小于"),
    "<=": gettext_lazy("不超过"),
    ">": gettext_lazy("大于"),
    ">=": gettext_lazy("达到或超过"),
}
SUMS = {"+": gettext_lazy("＋"), "-": gettext_lazy("－"), "*": "×"}
FLAG_WORDS = {True: gettext_lazy("是"), False: gettext_lazy("否")}
UNKNOWN = gettext_lazy("没有数据")
LEVEL_NAMES = {
    "risk_types_hit": gettext_lazy("命中的风险类型数"),
    "rules_hit_outside_income": gettext_lazy("收入以外命中的规则数"),
}


@dataclass(frozen=True)
class Word:
    """A piece of a sentence; `parameter` names the parameter that it stands for."""

    text: str
    parameter: str = ""


@dataclass(frozen=True)
class Clause:
    """One line of a condition: its words, how deep it stands, and what joins the lines within it (且, 或)."""

    words: tuple[Word, ...]
    depth: int
    join: str = ""


@dataclass(frozen=True)
class Named:
    """A fact or a parameter with its value in words; `known` is False where the pack has it no more."""

    id: str
    title: str
    value: str
    known: bool


@dataclass(frozen=True)
class Grounded:
    """The ground of a parameter or a rule: the document, the clause, and what the clause says where it is quoted."""

    document: str
    number: str
    issued_on: date | None
    clause: str
    quoted: str
    note: str


@dataclass(frozen=True)
class DatedValue:
    """One line of a parameter's history. `decided` is the decision behind it; `replaced`: another holds for its day."""

    since: date
    words: str
    amount: Decimal | None
    current: bool
    replaced: bool
    ground: Grounded
    decided: Decided | None


class Pack:
    """One policy pack with words for everything in it."""

    def __init__(self, pack: PolicyPack) -> None:
        self.policy = pack
        self.rules: Mapping[str, Rule] = pack.rules
        self.parameters: Mapping[str, Parameter] = pack.parameters
        self.clocks: Mapping[str, Deadline] = {each.id: each for each in pack.deadlines.values()}
        self.holidays: Mapping[str, Holidays] = {each.id: each for each in pack.holidays.values()}
        self.all_dated: Mapping[str, Dated[Any]] = pack.dated

    @property
    def title(self) -> str:
        return self.policy.title

    @property
    def version(self) -> str:
        return self.policy.version

    def years_missing(self, today: date) -> list[int]:
        """The years for which working days are soon needed and that have no table yet."""
        return self.policy.calendar.assumed(today, today + NOTICE_AHEAD)

    def in_words(self, parameter: str, written: str) -> str:
        """A value as it is kept, in words: 7000 is 7000元; that of a parameter that is gone as it stands."""
        known = self.all_dated.get(parameter)
        return self._with_unit(known, known.parse(written)) if known else written

    def title_of(self, parameter: str) -> str:
        known = self.all_dated.get(parameter)
        if isinstance(known, Holidays):
            return gettext("{year}年节假日安排").format(year=known.year)
        return spoken(known.title) if known else parameter

    def fact(self, name: str, value: Any) -> Named:
        """A fact's value as a person says it."""
        fact = catalogue().get(name)
        if fact is None:
            return Named(name, name, say(value), False)
        return Named(name, spoken(fact.title), say(value, fact.unit), True)

    def parameter(self, name: str, value: Any) -> Named:
        parameter = self.parameters.get(name)
        if parameter is None:
            return Named(name, name, say(value), False)
        return Named(name, spoken(parameter.title), say(value, parameter.unit), True)

    def ground_on(self, parameter: Dated[Any], day: date) -> Grounded:
        """The ground of the value that holds on a day: the decision's, or the pack's."""
        decided = parameter.decided_at(day)
        return _ground_of(decided) if decided else self.ground(parameter.ground)

    def ground(self, ground: Ground) -> Grounded:
        document: Document | None = self.policy.documents.get(ground.document)
        if document is None:
            return Grounded(ground.document, "", None, ground.clause, "", "")
        quoted = document.clauses.get(ground.clause, "")
        return Grounded(document.title, document.number, document.issued_on, ground.clause, quoted, document.note)

    def dated(self, parameter: Dated[Any], day: date) -> list[DatedValue]:
        """Every value that a parameter ever had from the pack or by a decision, the newest first."""
        own = self.ground(parameter.ground)
        told: list[tuple[date, Value | Limit, Decided | None]] = [
            (since, value, None) for since, value in parameter.written or parameter.values
        ]
        told += [(each.valid_from, parameter.parse(each.value), each) for each in parameter.decided]
        in_force = parameter.since(day)
        holding = {since: decided for since, _, decided in told}
        lines = [
            DatedValue(
                since,
                self._with_unit(parameter, value),
                None if isinstance(value, (tuple, Limit)) else Decimal(value),
                since == in_force and decided == holding[since],
                decided != holding[since],
                _ground_of(decided) if decided else own,
                decided,
            )
            for since, value, decided in told
        ]
        lines.reverse()  # of one day, the later decision comes first
        return sorted(lines, key=lambda each: each.since, reverse=True)

    def current(self, parameter: Dated[Any], day: date) -> str:
        held = [value for since, value in parameter.values if since <= day]
        return self._with_unit(parameter, held[-1]) if held else gettext("尚未生效")

    def stale(self, parameter: Dated[Any], day: date) -> bool:
        """Whether an amount, which is set anew each year, has no value of the last twelve months: the old one goes on."""
        return isinstance(parameter, Parameter) and parameter.type == "amount" and parameter.is_older_than_a_year(day)

    def condition(self, rule: Rule, day: date) -> list[Clause]:
        """The rule's condition, a line for each part, parameters with the value that holds on the day."""
        return list(self._clauses(rule.condition, 0, day))

    def reasons(self, rule: Rule) -> list[str]:
        """The sentences that explain a hit, names in the place of values."""
        return [
            PLACEHOLDER.sub(lambda found: gettext("〔{found}〕").format(found=self._title(found[1])), spoken(each.say))
            for each in rule.reasons
        ]

    def used_by(self, parameter: str) -> list[Rule]:
        """The rules that depend on a parameter, by themselves or through their facts."""
        facts = catalogue()
        through = {name for name, fact in facts.items() if parameter in fact.parameters()}
        return [rule for rule in self.rules.values() if parameter in rule.parameters() or through & set(rule.facts())]

    def parameters_of(self, rule: Rule) -> list[Parameter]:
        """The parameters of a rule and of its facts."""
        facts = catalogue()
        through = [name for fact in rule.facts() if fact in facts for name in facts[fact].parameters()]
        named = dict.fromkeys([*rule.parameters(), *through])
        return [self.parameters[name] for name in named if name in self.parameters]

    def facts_of(self, rule: Rule) -> list[Named]:
        """The facts of a rule, with the sources they rest on as their value."""
        facts, known = catalogue(), contracts()
        return [
            Named(name, spoken(facts[name].title), spoken(known[facts[name].source].title), True)
            for name in rule.facts()
            if name in facts and facts[name].source in known
        ]

    def _with_unit(self, parameter: Dated[Any], value: Value | Limit) -> str:
        """A value with its unit in the language of the page; what a list of codes names by its own title."""
        if isinstance(value, tuple):
            return listed(self.rules[each].title if each in self.rules else self._risk(each) for each in value)
        if isinstance(value, Limit):
            return limit_in_words(value)
        if get_language() != ENGLISH or is_share(parameter, value):
            return parameter.words(value)
        return f"{plain(value)} {spoken(parameter.unit)}".strip()

    def _risk(self, code: str) -> str:
        return self.policy.risk_types.get(code, code)

    def _title(self, name: str) -> str:
        bare = name.removesuffix(".period")
        if fact := catalogue().get(bare):
            return gettext("{title}的时段").format(title=spoken(fact.title)) if bare != name else spoken(fact.title)
        return spoken(self.parameters[name].title) if name in self.parameters else str(LEVEL_NAMES.get(name, name))

    def _clauses(self, term: Term, depth: int, day: date) -> Sequence[Clause]:
        if isinstance(term, Operation) and term.sign in ("and", "or"):
            parts = _flat(term, term.sign)
            joined = gettext("以下各项同时成立") if term.sign == "and" else gettext("以下任一项成立")
            inner = [clause for part in parts for clause in self._clauses(part, depth + 1, day)]
            return [Clause((Word(joined),), depth, term.sign), *inner]
        return [Clause(tuple(self._words(term, day)), depth)]

    def _words(self, term: Term, day: date) -> Sequence[Word]:
        if isinstance(term, Constant):
            return [Word(UNKNOWN if term.value is None else FLAG_WORDS.get(term.value, str(term.value)))]
        if isinstance(term, Name):
            return [self._name(term.text, day)]
        return self._operation(term, day)

    def _name(self, name: str, day: date) -> Word:
        parameter = self.parameters.get(name)
        if parameter:
            return Word(
                gettext("{title}（{day}）").format(title=spoken(parameter.title), day=self.current(parameter, day)),
                name,
            )
        return Word(self._title(name))

    def _operation(self, term: Operation, day: date) -> Sequence[Word]:
        if term.sign == "not" and isinstance(term.operands[0], Name):
            return [Word(gettext("不")), *self._words(term.operands[0], day)]
        if term.sign == "not":
            return [Word(gettext("并非（")), *self._words(term.operands[0], day), Word(gettext("）"))]
        if term.sign in ("is null", "is not null"):
            known = gettext("没有数据") if term.sign == "is null" else gettext("有数据")
            return [*self._words(term.operands[0], day), Word(known)]
        left, right = term.operands
        if term.sign in (">", "=") and right == Constant(0):
            return [Word(gettext("有") if term.sign == ">" else gettext("没有")), *self._words(left, day)]
        if term.sign in ("and", "or"):
            between = gettext("且") if term.sign == "and" else gettext("或")
            return [*self._words(left, day), Word(f" {between} "), *self._words(right, day)]
        between = SIGNS.get(term.sign) or SUMS[term.sign]
        return [*self._amount(left, day), Word(f" {between} "), *self._amount(right, day)]

    def _amount(self, term: Term, day: date) -> Sequence[Word]:
        """A term that is counted with: 家庭成员 is 家庭成员人数."""
        fact = catalogue().get(term.text) if isinstance(term, Name) else None
        if fact and fact.unit == "人":
            return [Word(gettext("{title}人数").format(title=spoken(fact.title)))]
        return self._words(term, day)


def _ground_of(decided: Decided) -> Grounded:
    return Grounded(decided.document, decided.document_number, None, decided.clause, "", "")


def _flat(term: Operation, sign: str) -> list[Term]:
    """The operands of a chain of the same sign."""
    found: list[Term] = []
    for operand in term.operands:
        nested = isinstance(operand, Operation) and operand.sign == sign
        found += _flat(operand, sign) if nested else [operand]  # type: ignore[arg-type]
    return found


def spoken(text: str) -> str:
    """A text of the pack or of a contract in the language of the page, where the catalogue has it."""
    return gettext(text) if text else ""


def listed(words: Iterable[object]) -> str:
    """Words of the pack or of a contract in the language of the page: 一级、二级."""
    return gettext("、").join(spoken(str(word)) for word in words)


def limit_in_words(limit: Limit) -> str:
    """3 天, 1 个工作日."""
    if limit.unit == "working":
        return gettext("{days} 个工作日").format(days=limit.days)
    return gettext("{days} 天").format(days=limit.days)


def say(value: Any, unit: str = "") -> str:
    """A stored value as a person writes it: amounts with separators of thousands, flags as 是 or 否."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return FLAG_WORDS[value]
    if isinstance(value, (list, tuple)):
        return listed(value)
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    text = plain(number)
    whole, point, rest = text.partition(".")
    grouped = f"{int(whole):,}" if len(whole.lstrip("-")) > 4 else whole
    return f"{grouped}{point}{rest}{' ' if unit else ''}{spoken(unit)}"


def pack_words() -> Pack:
    """The current pack with its words.

    Raises:
        InputError: the pack's folder is missing or unreadable.
    """
    return Pack(current_pack())
