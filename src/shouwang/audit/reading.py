"""What an auditor may see of the audit, and how it is searched."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate, make_aware

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.areas.models import Area
from shouwang.areas.reading import within
from shouwang.audit.catalogue import ACTIONS, PARTS, SUBJECTS
from shouwang.audit.models import Entry
from shouwang.audit.record import in_the_language_of_record


@dataclass(frozen=True)
class Search:
    """Filters as an address gives them; what is no filter is left out. Days are local."""

    actor: str = ""
    action: str = ""
    part: str = ""
    subject_type: str = ""
    subject: str = ""
    result: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Search":
        """The filters of an address; values that mean nothing are left out."""

        def chosen(name: str, among: Mapping[str, object] | list[str]) -> str:
            return given.get(name, "") if given.get(name, "") in among else ""

        return cls(
            actor=_text(given.get("actor", "")),
            action=chosen("action", ACTIONS),
            part=chosen("part", PARTS),
            subject_type=chosen("type", SUBJECTS),
            subject=_text(given.get("subject", "")),
            result=chosen("result", Entry.Result.values),
            since=_day(given.get("since", "")),
            until=_day(given.get("until", "")),
        )

    @property
    @in_the_language_of_record
    def words(self) -> str:
        """The filters as the audit notes that somebody searched by them."""
        named = {
            "操作人": self.actor,
            "事项": ACTIONS[self.action].title if self.action else self.part,
            "对象": " ".join(str(each) for each in (SUBJECTS.get(self.subject_type, ""), self.subject) if each),
            "结果": Entry.Result(self.result).label if self.result else "",
            "自": self.since.isoformat() if self.since else "",
            "至": self.until.isoformat() if self.until else "",
        }
        return "；".join(f"{name}：{value}" for name, value in named.items() if value)

    def apply(self, entries: QuerySet[Entry]) -> QuerySet[Entry]:
        """The entries that fit every filter."""
        exact = {"actor": self.actor, "action": self.action, "subject_type": self.subject_type, "result": self.result}
        entries = entries.filter(**{name: value for name, value in exact.items() if value})
        if self.part:
            entries = entries.filter(action__in=list(PARTS[self.part]))
        if self.subject:
            entries = entries.filter(subject__startswith=self.subject)
        if self.since:
            entries = entries.filter(at__gte=_beginning(self.since))
        if self.until:
            entries = entries.filter(at__lt=_beginning(self.until + timedelta(days=1)))
        return entries


def entries_visible_to(user: User) -> QuerySet[Entry]:
    """The entries about the areas of somebody's auditor posts; what belongs to no area is the city's."""
    conditions = []
    for reach in scope_of(user, localdate()).holding(Permission.READ_AUDIT):
        conditions += [within(prefix, "area") for prefix in reach.prefixes]
        if reach.area.level == Area.CITY:
            conditions.append(Q(area=""))
    return Entry.objects.filter(reduce(or_, conditions)) if conditions else Entry.objects.none()


def _text(given: str) -> str:
    return given.replace("\0", "").strip()[:100]


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if date(2000, 1, 1) <= found < date(9999, 1, 1) else None


def _beginning(day: date) -> datetime:
    return make_aware(datetime.combine(day, time()))
