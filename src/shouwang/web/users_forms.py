"""The forms with which posts are given, ended and moved."""

from typing import Any

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Duty
from shouwang.accounts.managing import areas_given_by, duties_given_by
from shouwang.accounts.models import Post, User
from shouwang.accounts.scope import scope_of
from shouwang.areas.reading import full_names
from shouwang.jobs.account_sheet import departments

WRONG_DATE = {"invalid": _("请写成 2024-03-05 这样的日期。"), "required": _("请填写日期。")}


def _day(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label, required=required, help_text=help_text, widget=widget, error_messages=WRONG_DATE
    )


def _area_choices(giver: User, levels: tuple[int, ...] | None = None) -> list[tuple[str, str]]:
    today = localdate()
    areas = areas_given_by(scope_of(giver, today), today).order_by("level", "code")
    codes = [area.pk for area in areas if levels is None or area.level in levels]
    names = full_names(codes)
    return [("", gettext("请选择"))] + [(code, names[code]) for code in codes]


class PostForm(forms.Form):
    """A duty in an area for a time, of those that the giver may give."""

    duty = forms.ChoiceField(label=_("岗位"), error_messages={"required": _("请选择岗位。")})
    area_code = forms.ChoiceField(label=_("区域"), error_messages={"required": _("请选择区域。")})
    department = forms.ChoiceField(label=_("部门"), required=False, help_text=_("只有行业部门岗位选择。"))
    starts_on = _day(_("任职起"))
    ends_on = _day(_("任职止"), required=False, help_text=_("长期任职可以不填。"))

    def __init__(self, giver: User, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        duties = duties_given_by(scope_of(giver, localdate()))
        self.fields["duty"].choices = [("", gettext("请选择"))] + [(duty.value, duty.label) for duty in duties]
        self.fields["area_code"].choices = _area_choices(giver)
        self.fields["department"].choices = [("", gettext("不是部门岗位"))] + [
            (each, gettext(each)) for each in departments()
        ]
        self.fields["starts_on"].initial = localdate()
        if Duty.DEPARTMENT not in duties:
            del self.fields["department"]


class AccountForm(PostForm):
    """A new account with its first post."""

    username = forms.CharField(
        label=_("用户名"),
        max_length=150,
        help_text=_("字母、数字和 @ . + - _；不要用身份证号码。"),
        error_messages={"required": _("请填写用户名。")},
    )
    display_name = forms.CharField(label=_("姓名"), max_length=50, error_messages={"required": _("请填写姓名。")})
    field_order = ["username", "display_name"]


class EndForm(forms.Form):
    """The last day of a post; none ends it at once."""

    last_day = _day(_("任职止"), required=False)


class MoveForm(forms.Form):
    """Where the post goes, and from when."""

    area_code = forms.ChoiceField(label=_("调往"))
    from_day = _day(_("调任日期"))

    def __init__(self, giver: User, post: Post, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        chosen = [choice for choice in _area_choices(giver, (post.area.level,)) if choice[0] != post.area_id]
        self.fields["area_code"].choices = chosen
        self.fields["from_day"].initial = localdate()
