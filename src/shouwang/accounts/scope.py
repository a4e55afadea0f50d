"""What a user may see and do: (area subtree) × (duty), decided here and nowhere else."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from shouwang.accounts.models import Post, User
from shouwang.areas.models import Area
from shouwang.areas.reading import prefixes, within

M = TypeVar("M", bound=Model)
UPLOADING = (Post.Duty.CITY, Post.Duty.COUNTY, Post.Duty.DEPARTMENT)


@dataclass(frozen=True)
class Reach:
    """One current post: the leading digits of the codes that it covers."""

    area: Area
    duty: str
    department: str
    prefixes: tuple[str, ...]

    def covers(self, area_code: str) -> bool:
        return area_code.startswith(self.prefixes)


@dataclass(frozen=True)
class Scope:
    """All current posts of one user."""

    reaches: tuple[Reach, ...]

    @property
    def areas(self) -> list[Area]:
        """The areas of the posts, the widest first."""
        return [reach.area for reach in self.reaches]

    @property
    def top_area(self) -> Area | None:
        """The widest area; None for a user without a current post."""
        return self.reaches[0].area if self.reaches else None

    def covers(self, area_code: str) -> bool:
        """Whether some post reaches the area, be it only for its own department's matters."""
        return any(reach.covers(area_code) for reach in self.reaches)

    def covers_fully(self, area_code: str) -> bool:
        """Whether a post reaches everything about the area, not only one department's matters."""
        return any(reach.covers(area_code) for reach in self.reaches if not reach.department)

    def filter(
        self, queryset: QuerySet[M], path: str = "area", own_matters: Callable[[str], Q] | None = None
    ) -> QuerySet[M]:
        """The rows whose area (foreign key `path`) lies within scope.

        A department post reaches only its own matters: `own_matters` says which rows those are for a department;
        without it a department reaches none.
        """
        conditions = []
        for reach in self.reaches:
            matters = Q()
            if reach.department:
                if own_matters is None:
                    continue
                matters = own_matters(reach.department)
            conditions += [within(prefix, f"{path}_id") & matters for prefix in reach.prefixes]
        return queryset.filter(reduce(or_, conditions)) if conditions else queryset.none()

    @property
    def can_upload(self) -> bool:
        return any(reach.duty in UPLOADING for reach in self.reaches)

    @property
    def can_screen(self) -> bool:
        """A screening goes over the whole register: for the city and county offices to start."""
        return any(reach.duty in (Post.Duty.CITY, Post.Duty.COUNTY) for reach in self.reaches)

    def may_upload(self, owner: str) -> bool:
        """Whether files of a department may be brought in: one's own, or any for the city and county offices."""
        return any(
            reach.duty in (Post.Duty.CITY, Post.Duty.COUNTY)
            or (reach.duty == Post.Duty.DEPARTMENT and reach.department in owner.split("/"))
            for reach in self.reaches
        )

    def upload_area(self, owner: str) -> Area | None:
        """The area for which a file of that department would be brought in."""
        fitting = [
            reach.area
            for reach in self.reaches
            if reach.duty in (Post.Duty.CITY, Post.Duty.COUNTY) or reach.department in owner.split("/")
        ]
        return fitting[0] if fitting and self.may_upload(owner) else None


def scope_of(user: User, today: date) -> Scope:
    """The scope of a user on a day; empty for anonymous, inactive and post-less users."""
    if not user.is_authenticated or not user.is_active:
        return Scope(())
    current = Q(starts_on__lte=today) & (Q(ends_on__isnull=True) | Q(ends_on__gte=today))
    posts = Post.objects.filter(current, user=user).select_related("area").order_by("area__level", "area_id", "pk")
    return Scope(
        tuple(
            Reach(
                post.area,
                post.duty,
                post.department if post.duty == Post.Duty.DEPARTMENT else "",
                tuple(prefixes(post.area)),
            )
            for post in posts
        )
    )
