"""What a user may see and do: (area subtree) × (duty), decided here and nowhere else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, Generic, TypeVar

from django.db.models import DateField, F, Model, Q, QuerySet, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan
from django.utils.timezone import localdate

from shouwang.accounts.duties import ADMINISTRATORS, PERMISSIONS, Duty, Permission, needs_second_factor
from shouwang.accounts.models import Post, User
from shouwang.areas.models import Area
from shouwang.areas.reading import prefixes, within
from shouwang.areas.tree import area_of, tree
from shouwang.questions import Blank, Kept, Question
from shouwang.tables.acting import EVERYWHERE

M = TypeVar("M", bound=Model)
R = TypeVar("R")


@dataclass(frozen=True)
class Reach:
    """One current post: the leading digits of the codes that it covers."""

    area: Area
    duty: str
    department: str
    prefixes: tuple[str, ...]

    def covers(self, area_code: str) -> bool:
        return area_code.startswith(self.prefixes)

    def inside(self, field: str) -> Q:
        """The condition on a code field that it names an area within the post."""
        return reduce(or_, [within(prefix, field) for prefix in self.prefixes])

    def may(self, permission: Permission) -> bool:
        return permission in PERMISSIONS[self.duty]

    def is_of(self, village: str) -> bool:
        """Whether it is a post of that very village, or of the one that it was merged into."""
        return self.area.level == Area.VILLAGE and bool(village) and self.covers(village)

    @property
    def title(self) -> str:
        """The duty in words; a department by its name."""
        return self.department or Duty(self.duty).label

    @property
    def needs_second_factor(self) -> bool:
        return needs_second_factor(self.duty, self.area.level)


@dataclass(frozen=True)
class Scope:
    """All current posts of one user. What an administrator's post covers holds no household."""

    reaches: tuple[Reach, ...]

    def may(self, permission: Permission, area_code: str | None = None) -> bool:
        """Whether some post holds the permission, in the area where one is named."""
        return any(reach.may(permission) and (area_code is None or reach.covers(area_code)) for reach in self.reaches)

    def holding(self, permission: Permission) -> tuple[Reach, ...]:
        """The posts that hold a permission."""
        return tuple(reach for reach in self.reaches if reach.may(permission))

    @property
    def seeing(self) -> tuple[Reach, ...]:
        """The posts that see households, the widest first."""
        return self.holding(Permission.SEE_HOUSEHOLDS)

    @property
    def areas(self) -> list[Area]:
        """The areas of the posts, the widest first."""
        return [reach.area for reach in self.reaches]

    @property
    def top_area(self) -> Area | None:
        """The widest area whose households are seen; None for whoever sees none."""
        return self.seeing[0].area if self.seeing else None

    @property
    def acting(self) -> tuple[str, ...]:
        """What the row policies of the database let through for the user: the areas of all posts but administrators'."""
        posts = [reach for reach in self.reaches if reach.duty not in ADMINISTRATORS]
        if any(reach.area.pk == tree().whole for reach in posts):
            return (EVERYWHERE,)
        return tuple(prefix for reach in posts for prefix in reach.prefixes)

    @property
    def sees_whole_households(self) -> bool:
        """Whether some post sees households and not only one department's matters of them."""
        return any(not reach.department for reach in self.seeing)

    @property
    def is_administrator(self) -> bool:
        return any(reach.duty in ADMINISTRATORS for reach in self.reaches)

    def covers(self, area_code: str) -> bool:
        """Whether some post reaches the area's households, be it only for its own department's matters."""
        return any(reach.covers(area_code) for reach in self.seeing)

    def covers_fully(self, area_code: str) -> bool:
        """Whether a post reaches everything about the area, not only one department's matters."""
        return any(reach.covers(area_code) for reach in self.seeing if not reach.department)

    def filter(self, queryset: QuerySet[M], *paths: str, own_matters: Callable[[str], Q] | None = None) -> QuerySet[M]:
        """The rows whose area lies within scope, by any of some foreign keys (`area`); they are about households.

        A department post reaches only its own matters: `own_matters` says which rows those are for a department;
        without it a department reaches none. Whoever has the whole tree before them has every row, and the database need not
        compare each with it.
        """
        if any(reach.area.pk == tree().whole and not reach.department for reach in self.seeing):
            return queryset
        conditions = []
        for reach in self.seeing:
            matters = Q()
            if reach.department:
                if own_matters is None:
                    continue
                matters = own_matters(reach.department)
            conditions += [
                within(prefix, f"{path}_id") & matters for path in paths or ("area",) for prefix in reach.prefixes
            ]
        return queryset.filter(reduce(or_, conditions)) if conditions else queryset.none()

    @property
    def can_upload(self) -> bool:
        return self.may(Permission.UPLOAD)

    @property
    def manages_accounts(self) -> bool:
        return self.may(Permission.MANAGE_USERS) or self.may(Permission.MANAGE_ADMINISTRATORS)

    @property
    def can_send_files(self) -> bool:
        """Department files, spreadsheets of accounts, or photos of visits."""
        return self.can_upload or self.manages_accounts or self.may(Permission.VERIFY)

    @property
    def can_screen(self) -> bool:
        """A screening goes over the whole register: for the city and county offices to start."""
        return self.may(Permission.SCREEN)

    def may_upload(self, owner: str) -> bool:
        """Whether files of a department may be brought in: one's own, or any for the city and county offices."""
        return bool(self._uploading(owner))

    def upload_area(self, owner: str) -> Area | None:
        """The area for which a file of that department would be brought in."""
        fitting = self._uploading(owner)
        return fitting[0].area if fitting else None

    def _uploading(self, owner: str) -> list[Reach]:
        reaches = self.holding(Permission.UPLOAD)
        return [reach for reach in reaches if not reach.department or reach.department in owner.split("/")]


def names_department(field: str, department: str) -> Q:
    """The condition on a text of departments, `|医保|教育|`, that it names one.

    Not by `LIKE`: behind a row policy the database knows nothing about what a text holds, and takes that for one row of ten thousand.
    """
    return Q(GreaterThan(StrIndex(F(field), Value(f"|{department}|")), 0))


def current_on(today: date) -> Q:
    """Posts that hold on a day: begun, not yet ended, not revoked."""
    return Q(starts_on__lte=today, revoked_at__isnull=True) & (Q(ends_on__isnull=True) | Q(ends_on__gte=today))


class Seen(Generic[R]):
    """A question about what somebody may see: composed for their posts, and kept by them."""

    def __init__(self, compose: Callable[[User], QuerySet[Any, R]]) -> None:
        self._compose, self._kept = compose, Kept(500)

    def ask(self, user: User, **given: Any) -> list[R]:
        return self._question(user).ask(**given)

    def get(self, user: User, **given: Any) -> R:
        """Raises the model's DoesNotExist outside the user's scope, as if there were none."""
        found = self._question(user).one(**given)
        if found is None:
            raise self._compose(user).model.DoesNotExist
        return found

    def _question(self, user: User) -> Question[R]:
        key = (scope_of(user, localdate()), tree().number)
        return self._kept.of(key, lambda: Question(self._compose(user)))


_remembered: ContextVar[dict[tuple[int, date], Scope] | None] = ContextVar("remembered scopes", default=None)


@contextmanager
def remembered_scopes() -> Iterator[None]:
    """Within, each user's posts are looked up once: for a request that only reads.

    The next request looks them up again, so that a revoked post stops there.
    """
    token = _remembered.set({})
    try:
        yield
    finally:
        _remembered.reset(token)


def scope_of(user: User, today: date) -> Scope:
    """The scope of a user on a day; empty for anonymous, inactive and post-less users."""
    if not user.is_authenticated or not user.is_active:
        return Scope(())
    remembered = _remembered.get()
    if remembered is None:
        return _looked_up(user, today)
    if (user.pk, today) not in remembered:
        remembered[user.pk, today] = _looked_up(user, today)
    return remembered[user.pk, today]


_posts = Question(
    lambda: Post.objects.filter(current_on(Blank("today", DateField())), user=Blank("user")).order_by("pk")
)


def _looked_up(user: User, today: date) -> Scope:
    posts = [(area_of(post.area_id), post) for post in _posts.ask(user=user.pk, today=today)]
    return Scope(
        tuple(
            Reach(
                area,
                post.duty,
                post.department if post.duty == Post.Duty.DEPARTMENT else "",
                tuple(prefixes(area)),
            )
            for area, post in sorted(posts, key=lambda each: (each[0].level, each[0].pk))
        )
    )
