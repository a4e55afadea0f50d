"""Making users and giving them posts."""

from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from shouwang.accounts.devices import forget_all
from shouwang.accounts.duties import ADMINISTRATORS, LEVELS
from shouwang.accounts.events import tell
from shouwang.accounts.initial_passwords import hashed
from shouwang.accounts.models import Post, User
from shouwang.areas.models import Area
from shouwang.kernel.citizen_id import mask_identity_numbers
from shouwang.kernel.errors import InputError


@transaction.atomic
def add_user(
    *,
    username: str,
    password: str,
    display_name: str,
    area_code: str,
    duty: str,
    department: str = "",
    starts_on: date,
    ends_on: date | None = None,
    demonstration: bool = False,
    must_change_password: bool = False,
    acting_user: User | None = None,
) -> User:
    """A user with one post. `must_change_password` is for passwords that `random_password` drew.

    Without `acting_user` it is the program's owner at the command line who adds the user.

    Raises:
        InputError: the name is taken, the password weak, or the post does not fit its area.
    """
    if User.objects.filter(username=username).exists():
        raise InputError(_("用户名 {username} 已有人使用").format(username=username), _("换一个用户名"))
    if mask_identity_numbers(username) != username:
        raise InputError(_("用户名不能用身份证号码"), _("改用姓名拼音或工号"))
    user = User(
        username=username,
        display_name=display_name,
        demonstration=demonstration,
        must_change_password=must_change_password,
    )
    try:
        user.clean_fields(exclude=["password"])
        validate_password(password, user)
    except ValidationError as problem:
        raise InputError("；".join(problem.messages), _("改正用户名或换一个更强的密码")) from None
    if must_change_password:
        user.password = hashed(password)
    else:
        user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise InputError(_("用户名 {username} 已有人使用").format(username=username), _("换一个用户名")) from None
    post = add_post(user, area_code, duty, department, starts_on, ends_on)
    tell("user_added", acting_user=acting_user, subject=user, **told(post))
    return user


@transaction.atomic
def add_post(
    user: User, area_code: str, duty: str, department: str, starts_on: date, ends_on: date | None = None
) -> Post:
    """A post for a user. Administrators' duties stay apart from each other and from all others.

    Raises:
        InputError: the post does not fit its area, is held already, or may not be held beside another.
    """
    area = _fitting_area(area_code, duty, department)
    if ends_on is not None and ends_on < starts_on:
        raise InputError(
            _("任职止 {ends_on} 早于任职起 {starts_on}").format(ends_on=ends_on, starts_on=starts_on), _("核对两个日期")
        )
    later = Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on)
    for held in Post.objects.filter(later, user=user, revoked_at=None):
        if ends_on is not None and held.starts_on > ends_on:
            continue
        if (held.area_id, held.duty, held.department) == (area.pk, duty, department):
            raise InputError(
                _("这段时间已在{name}任同一岗位").format(name=area.name), _("不用重复设置；要改日期，请先结束原岗位")
            )
        if held.duty != duty and {held.duty, duty} & ADMINISTRATORS:
            raise InputError(_("管理员岗位不能与其他岗位由同一人兼任"), _("系统、安全、审计管理员各由不同的人担任"))
    return Post.objects.create(
        user=user, area=area, duty=duty, department=department, starts_on=starts_on, ends_on=ends_on
    )


def _fitting_area(area_code: str, duty: str, department: str) -> Area:
    if duty not in Post.Duty.values:
        raise InputError(
            _("没有职责 {duty}").format(duty=duty), _("可用：{values}").format(values="、".join(Post.Duty.values))
        )
    area = Area.objects.filter(pk=area_code).first()
    if area is None:
        raise InputError(
            _("没有行政区划 {area_code}").format(area_code=area_code),
            _("使用12位统计用区划代码，例如万州区 500101000000"),
        )
    if area.level not in LEVELS[Post.Duty(duty)]:
        raise InputError(
            _("{name}不能设“{duty}”岗位").format(name=area.name, duty=Post.Duty(duty).label), _("按岗位的级别选择区域")
        )
    if bool(department) != (duty == Post.Duty.DEPARTMENT):
        raise InputError(
            _("部门岗位须写明部门，其他岗位不写"), _("用 --department 写明，例如 --duty department --department 医保")
        )
    return area


@transaction.atomic
def change_password(new: str, *, acting_user: User) -> None:
    """Gives oneself a new password; sessions other than the one that asks end, because they rest on the old one.

    Raises:
        InputError: the password is weak, or the one in use.
    """
    if acting_user.check_password(new):
        raise InputError(_("新密码与现在的密码相同"), _("换一个没有用过的密码"))
    try:
        validate_password(new, acting_user)
    except ValidationError as problem:
        raise InputError("；".join(problem.messages), _("换一个更强的密码")) from None
    acting_user.set_password(new)
    acting_user.must_change_password = False
    acting_user.save(update_fields=["password", "must_change_password"])
    tell("password_changed", acting_user=acting_user, subject=acting_user)


@transaction.atomic
def end_sessions(user: User, *, acting_user: User) -> None:
    """Every session of the user ends at its next request, and no browser counts as known any more."""
    user.session_epoch += 1
    user.save(update_fields=["session_epoch"])
    forget_all(user)
    tell("sessions_ended", acting_user=acting_user, subject=user)


def told(post: Post) -> dict[str, str]:
    """A post as the audit keeps it."""
    return {
        "area": post.area_id,
        "duty": post.duty,
        "department": post.department,
        "starts_on": str(post.starts_on),
        "ends_on": str(post.ends_on or ""),
    }
