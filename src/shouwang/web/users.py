"""账号: the accounts one level down, looked after by whoever may give their posts."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts import managing, second_factor
from shouwang.accounts.duties import Duty, Permission
from shouwang.accounts.models import Post, User
from shouwang.accounts.scope import scope_of
from shouwang.areas.reading import full_name, full_names
from shouwang.kernel.errors import InputError
from shouwang.web.doors import door
from shouwang.web.paging import page_of
from shouwang.web.users_forms import AccountForm, EndForm, MoveForm, PostForm

MANAGING = (Permission.MANAGE_USERS, Permission.MANAGE_ADMINISTRATORS)
STATES = [("standing", _("在任")), ("over", _("已离任")), ("any", _("全部"))]


@door(*MANAGING)
def users(request: HttpRequest) -> HttpResponse:
    """The accounts that one manages, cut by the filters in the address."""
    today = localdate()
    posts = managing.posts_managed_by(request.user)
    search = request.GET.get("q", "").replace("\0", "").strip()[:50]
    duty, state = request.GET.get("duty", ""), request.GET.get("state", "standing")
    found = managing.users_managed_by(request.user)
    standing = posts.filter(managing.standing_on(today))
    if duty in Duty.values:
        found = found.filter(pk__in=posts.filter(duty=duty).values("user_id"))
    if state != "any":
        among = Q(pk__in=standing.values("user_id"))
        found = found.filter(~among if state == "over" else among)
    if search:
        found = found.filter(Q(username__icontains=search) | Q(display_name__contains=search))
    shown = Prefetch("posts", posts.order_by("area_id", "pk"), to_attr="managed_posts")
    page = page_of(request, found.order_by("username").prefetch_related(shown))
    names = full_names(sorted({post.area_id for user in page for post in user.managed_posts}))
    rows = [
        {"user": user, "posts": [(post, names[post.area_id], is_over(post, today)) for post in user.managed_posts]}
        for user in page
    ]
    return render(
        request,
        "desk/users.html",
        {
            "page": page,
            "rows": rows,
            "search": search,
            "duty": duty,
            "duties": [(each.value, each.label) for each in managing.duties_given_by(scope_of(request.user, today))],
            "state": state if state in dict(STATES) else "standing",
            "states": STATES,
        },
    )


def is_over(post: Post, today: date) -> bool:
    return post.revoked_at is not None or (post.ends_on is not None and post.ends_on < today)


@door(*MANAGING, post=MANAGING)
def new_user(request: HttpRequest) -> HttpResponse:
    """A new account with its first post; the initial password is shown this once."""
    form = AccountForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user, password = managing.open_account(acting_user=request.user, **form.cleaned_data)
        except InputError as problem:
            form.add_error(None, words(problem))
        else:
            return render(request, "desk/initial_password.html", {"opened": [(user, password)], "new": True})
    return render(request, "desk/user_new.html", {"form": form}, status=422 if form.errors else 200)


@door(*MANAGING)
def user(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: its posts as far as one manages them, and what can be done."""
    return _page(request, _managed(request, pk))


def _page(request: HttpRequest, found: User, status: int = 200, **forms: Any) -> HttpResponse:
    today = localdate()
    posts = managing.posts_managed_by(request.user).filter(user=found).order_by("revoked_at", "-starts_on", "pk")
    rows = [
        {
            "post": post,
            "place": full_name(post.area),
            "over": is_over(post, today),
            "end_form": EndForm(prefix=f"end{post.pk}"),
            "move_form": MoveForm(request.user, post, prefix=f"move{post.pk}"),
        }
        for post in posts
    ]
    shown = {
        "account": found,
        "rows": rows,
        "may_reset": managing.may_reset(found, acting_user=request.user),
        "factor": second_factor.second_factor_of(found),
        "post_form": PostForm(request.user),
    }
    return render(request, "desk/user.html", shown | forms, status=status)


@door(post=MANAGING)
def give_post(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = _managed(request, pk), PostForm(request.user, request.POST)
    if form.is_valid():
        try:
            managing.give_post(found, acting_user=request.user, **form.cleaned_data)
        except InputError as problem:
            form.add_error(None, words(problem))
        else:
            return _done(request, found, gettext("岗位已增加。"))
    return _page(request, found, 422, post_form=form)


@door(post=MANAGING)
def end_post(request: HttpRequest, pk: int, post_pk: int) -> HttpResponse:
    """Ends a post after a day, or at once where none is named."""
    found = _managed(request, pk)
    post = _managed_post(request, found, post_pk)
    form = EndForm(request.POST, prefix=f"end{post.pk}")
    if not form.is_valid():
        return _refused(request, found, gettext("任职止不是日期，请写成 2024-03-05 的样子。"))
    day = form.cleaned_data["last_day"]
    try:
        managing.end_post(post, acting_user=request.user, last_day=day)
    except InputError as problem:
        return _refused(request, found, words(problem))
    return _done(
        request,
        found,
        gettext("岗位到 {day} 结束。").format(day=day)
        if day
        else gettext("岗位已立即撤销，该用户的下一次操作就会被拒绝。"),
    )


@door(post=MANAGING)
def move_post(request: HttpRequest, pk: int, post_pk: int) -> HttpResponse:
    found = _managed(request, pk)
    post = _managed_post(request, found, post_pk)
    form = MoveForm(request.user, post, request.POST, prefix=f"move{post.pk}")
    if not form.is_valid():
        return _refused(request, found, gettext("请选择调往的区域和日期。"))
    try:
        managing.move_post(post, acting_user=request.user, **form.cleaned_data)
    except InputError as problem:
        return _refused(request, found, words(problem))
    return _done(request, found, gettext("岗位已调动。"))


@door(post=MANAGING)
def reset_password(request: HttpRequest, pk: int) -> HttpResponse:
    """A new initial password, shown this once; the user's sessions end."""
    found = _managed(request, pk)
    password = managing.reset_password(found, acting_user=request.user)
    return render(request, "desk/initial_password.html", {"opened": [(found, password)]})


@door(post=MANAGING)
def reset_second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    found = _managed(request, pk)
    managing.reset_second_factor(found, acting_user=request.user)
    return _done(request, found, gettext("动态口令已重置，该用户下次登录时可以重新绑定手机。"))


@door(post=MANAGING)
def end_sessions(request: HttpRequest, pk: int) -> HttpResponse:
    found = _managed(request, pk)
    managing.end_sessions(found, acting_user=request.user)
    return _done(request, found, gettext("该用户在所有设备上的登录已退出。"))


def _managed(request: HttpRequest, pk: int) -> User:
    found = managing.users_managed_by(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _managed_post(request: HttpRequest, found: User, pk: int) -> Post:
    post = managing.posts_managed_by(request.user).filter(pk=pk, user=found).first()
    if post is None:
        raise Http404
    return post


def _done(request: HttpRequest, found: User, said: str) -> HttpResponse:
    """Back to the account, or to the list where it is no longer one's own to manage."""
    messages.success(request, said)
    if not managing.users_managed_by(request.user).filter(pk=found.pk).exists():
        return HttpResponseRedirect(reverse("users"))
    return HttpResponseRedirect(reverse("user", args=[found.pk]))


def _refused(request: HttpRequest, found: User, said: str) -> HttpResponse:
    messages.error(request, said)
    return _page(request, found, 422)


def words(problem: InputError) -> str:
    return (
        gettext("{message}。{advice}。").format(message=problem.message, advice=problem.advice)
        if problem.advice
        else problem.message
    )
