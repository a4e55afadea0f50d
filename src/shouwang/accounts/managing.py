"""Accounts looked after by the level above: who may be seen and changed by whom, and the changes.

Each office manages the posts one level down in its own area, the security administrator those of administrators
(`duties.may_give`). Nobody gives what lies outside his own area, and nobody manages himself. A post is ended by whoever
could give it; password, second factor and sessions are reset only by somebody who could give every post that the user
still holds, or a township could make itself a county office by resetting a password.
"""

from datetime import date, timedelta
from functools import reduce
from operator import or_

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from shouwang.accounts import actions, second_factor
from shouwang.accounts.actions import told
from shouwang.accounts.duties import LEVELS, Duty, may_give
from shouwang.accounts.events import tell
from shouwang.accounts.initial_passwords import hashed, random_password
from shouwang.accounts.models import Post, User
from shouwang.accounts.scope import Scope, scope_of
from shouwang.areas.models import Area
from shouwang.areas.reading import valid_on, within
from shouwang.kernel.errors import InputError


def _manageable(scope: Scope) -> Q:
    """The posts that somebody with this scope could give, by duty, level and area."""
    found = [
        Q(duty=duty, area__level=level) & within(prefix, "area_id")
        for reach in scope.reaches
        for duty in Duty
        for level in LEVELS[duty]
        if may_give(reach.duty, reach.area.level, duty, level)
        for prefix in reach.prefixes
    ]
    return reduce(or_, found) if found else Q(pk__in=[])


def standing_on(day: date) -> Q:
    """Posts that hold on a day or later."""
    return Q(revoked_at__isnull=True) & (Q(ends_on__isnull=True) | Q(ends_on__gte=day))


def posts_managed_by(user: User) -> QuerySet[Post]:
    """The posts, of others, that the user could give or end."""
    scope = scope_of(user, localdate())
    return Post.objects.filter(_manageable(scope)).exclude(user=user).select_related("area", "user")


def users_managed_by(user: User) -> QuerySet[User]:
    """The other users who hold, or held, a post that the user could give."""
    return User.objects.filter(pk__in=posts_managed_by(user).values("user_id"))


def may_reset(user: User, *, acting_user: User) -> bool:
    """Whether every post that the user still holds could be given by who acts."""
    if not users_managed_by(acting_user).filter(pk=user.pk).exists():
        return False
    standing = Post.objects.filter(standing_on(localdate()), user=user)
    return not standing.exclude(pk__in=posts_managed_by(acting_user).values("pk")).exists()


def duties_given_by(scope: Scope) -> list[Duty]:
    """The duties that somebody with this scope may give, in the order of the table."""
    return [
        duty
        for duty in Duty
        if any(may_give(r.duty, r.area.level, duty, level) for r in scope.reaches for level in LEVELS[duty])
    ]


def areas_given_by(scope: Scope, day: date) -> QuerySet[Area]:
    """The areas, as they are on a day, for which somebody with this scope may give some duty."""
    found = [
        Q(level=level) & within(prefix, "code")
        for reach in scope.reaches
        for level in (Area.CITY, Area.COUNTY, Area.TOWNSHIP, Area.VILLAGE)
        if any(level in LEVELS[duty] and may_give(reach.duty, reach.area.level, duty, level) for duty in Duty)
        for prefix in reach.prefixes
    ]
    return Area.objects.filter(reduce(or_, found), valid_on(day)) if found else Area.objects.none()


@transaction.atomic
def open_account(
    *,
    acting_user: User,
    username: str,
    display_name: str,
    area_code: str,
    duty: str,
    department: str = "",
    starts_on: date,
    ends_on: date | None = None,
) -> tuple[User, str]:
    """A user with one post and an initial password, which is returned this once and must be changed at the first login.

    Raises:
        InputError: the post is not for who acts to give, or see `actions.add_user`.
    """
    _require_givable(acting_user, area_code, duty)
    if not display_name.strip():
        raise InputError(_("没有填写姓名"), _("填写使用人的姓名"))
    password = random_password()
    user = actions.add_user(
        username=username,
        password=password,
        display_name=display_name.strip(),
        area_code=area_code,
        duty=duty,
        department=department,
        starts_on=starts_on,
        ends_on=ends_on,
        must_change_password=True,
        acting_user=acting_user,
    )
    return user, password


@transaction.atomic
def give_post(
    user: User,
    *,
    acting_user: User,
    area_code: str,
    duty: str,
    department: str = "",
    starts_on: date,
    ends_on: date | None = None,
) -> Post:
    """One more post for a user whom who acts manages.

    Raises:
        PermissionDenied: the user is not theirs to manage.
        InputError: the post is not for who acts to give, does not fit, or is held already.
    """
    if not users_managed_by(acting_user).filter(pk=user.pk).exists():
        raise PermissionDenied
    _require_givable(acting_user, area_code, duty)
    post = actions.add_post(user, area_code, duty, department, starts_on, ends_on)
    tell("post_added", acting_user=acting_user, subject=user, **told(post))
    return post


@transaction.atomic
def end_post(post: Post, *, acting_user: User, last_day: date | None = None) -> None:
    """Ends a post after its last day, or without one at once: it stops at the user's next request.

    Raises:
        PermissionDenied: the post is not theirs to end.
        InputError: the last day lies before the first, or in the past.
    """
    held = Post.objects.select_for_update().get(pk=post.pk)
    if not posts_managed_by(acting_user).filter(pk=held.pk).exists():
        raise PermissionDenied
    if held.revoked_at:
        return
    if last_day is None:
        held.revoked_at = timezone.now()
        tell("post_revoked", acting_user=acting_user, subject=held.user, **told(held))
    else:
        if last_day < held.starts_on:
            raise InputError(
                _("任职止 {last_day} 早于任职起 {starts_on}").format(last_day=last_day, starts_on=held.starts_on),
                _("核对日期；要立即停止，请用“立即撤销”"),
            )
        if last_day < localdate():
            raise InputError(
                _("任职止 {last_day} 已经过去").format(last_day=last_day),
                _("选今天或以后的日期；要立即停止，请用“立即撤销”"),
            )
        before, held.ends_on = held.ends_on, last_day
        tell("post_changed", acting_user=acting_user, subject=held.user, **told(held), before=str(before or ""))
    held.save(update_fields=["ends_on", "revoked_at"])


@transaction.atomic
def move_post(post: Post, *, acting_user: User, area_code: str, from_day: date) -> Post:
    """The same duty in another area from a day on; the old post ends on the day before.

    Raises:
        PermissionDenied, InputError: see `end_post` and `give_post`.
    """
    if area_code == post.area_id:
        raise InputError(_("新区域与原区域相同"), _("选择要调往的区域"))
    if from_day < localdate():
        raise InputError(_("调任日期 {from_day} 已经过去").format(from_day=from_day), _("选今天或以后的日期"))
    new = give_post(
        post.user,
        acting_user=acting_user,
        area_code=area_code,
        duty=post.duty,
        department=post.department,
        starts_on=from_day,
        ends_on=post.ends_on if post.ends_on and post.ends_on >= from_day else None,
    )
    last_day = from_day - timedelta(days=1)
    end_post(post, acting_user=acting_user, last_day=None if last_day < max(localdate(), post.starts_on) else last_day)
    return new


@transaction.atomic
def reset_password(user: User, *, acting_user: User) -> str:
    """A new initial password, returned this once; every session of the user ends.

    Raises:
        PermissionDenied: the user is not theirs to reset.
    """
    _require_reset(user, acting_user)
    password = random_password()
    user.password = hashed(password)
    user.must_change_password = True
    user.session_epoch += 1
    user.save(update_fields=["password", "must_change_password", "session_epoch"])
    tell("password_reset", acting_user=acting_user, subject=user)
    return password


def reset_second_factor(user: User, *, acting_user: User) -> None:
    """Takes a lost phone's secret away; raises PermissionDenied where the user is not theirs to reset."""
    _require_reset(user, acting_user)
    second_factor.remove(user, acting_user=acting_user)


def end_sessions(user: User, *, acting_user: User) -> None:
    """Ends the sessions of another user; raises PermissionDenied where the user is not theirs to reset."""
    _require_reset(user, acting_user)
    actions.end_sessions(user, acting_user=acting_user)


def _require_reset(user: User, acting_user: User) -> None:
    if not may_reset(user, acting_user=acting_user):
        raise PermissionDenied


def _require_givable(acting_user: User, area_code: str, duty: str) -> None:
    """What does not exist and what lies elsewhere are answered alike."""
    scope = scope_of(acting_user, localdate())
    area = Area.objects.filter(pk=area_code).first()
    if duty not in Duty.values or duty not in duties_given_by(scope):
        raise InputError(
            _("您的岗位不能设置这种职责"),
            _("可设置：{scope}").format(scope="、".join(str(each.label) for each in duties_given_by(scope))),
        )
    if area is None or not any(
        reach.covers(area.pk) and may_give(reach.duty, reach.area.level, duty, area.level) for reach in scope.reaches
    ):
        raise InputError(
            _("区划代码 {area_code} 不在您可以设岗的范围内").format(area_code=area_code),
            _("只能在本区域的下一级设岗，代码为 12 位"),
        )
