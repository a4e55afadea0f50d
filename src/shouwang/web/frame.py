"""What stands around every page: who is here, for which area, and the parts of the desk."""

from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Scope, scope_of
from shouwang.notifications.reading import MOST_COUNTED, unread_count
from shouwang.web.doors import may_open


@dataclass(frozen=True)
class Section:
    """One part of the desk in the navigation; `first`: on a phone it stands there at once, the others behind 更多."""

    title: str
    icon: str
    url: str
    here: bool
    first: bool = True


@dataclass(frozen=True)
class Frame:
    scope: Scope
    place: str
    duty: str
    sections: tuple[Section, ...]
    demonstration: bool
    unread: int = 0
    takes_out: bool = False

    @property
    def rest(self) -> tuple[Section, ...]:
        """What a phone shows behind 更多."""
        return tuple(each for each in self.sections if not each.first)

    @property
    def rest_is_here(self) -> bool:
        return any(each.here for each in self.rest)

    @property
    def unread_words(self) -> str:
        return f"{MOST_COUNTED}+" if self.unread > MOST_COUNTED else str(self.unread)


KEPT_SECONDS = 60
HELPING = ("/plans/", "/contacts/", "/tasks/", "/needs/", "/organisations/", "/visits/")
SECTIONS = (
    (_("今日"), "today", "today", ("/today/",)),
    (_("总览"), "overview", "overview", ("/areas/",)),
    (_("线索"), "clues", "worklist", ("/clues/",)),
    (_("申报"), "declarations", "declarations", ("/declarations/",)),
    (_("排查"), "sweeps", "sweeps", ("/sweeps/",)),
    (_("监测"), "cases", "cases", ("/cases/", "/eliminations/")),
    (_("帮扶"), "help", "plans", HELPING),
    (_("帮扶"), "help", "tasks", HELPING),
    (_("帮扶"), "help", "needs", HELPING),
    (_("统计"), "statistics", "statistics", ("/statistics/",)),
    (_("农户"), "households", "households", ("/households/", "/defects/", "/register-requests/")),
    (_("交付"), "deliveries", "deliveries", ("/deliveries/", "/uploads/")),
    (_("政策"), "policy", "policy", ("/policy/",)),
    (_("账号"), "person", "users", ("/users/",)),
    (_("审计"), "policy", "audit", ("/audit/",)),
    (_("运行"), "run", "system", ("/system/",)),
)
MOST_ON_A_PHONE = 5
"""So many stand side by side on 360 pixels; where there are more, the last of them is 更多."""
# What people do most, by the first permission that they hold; a phone shows it first, in the order of the sections.
MOST_USED: tuple[tuple[Permission, tuple[str, ...]], ...] = (
    (Permission.SUBMIT, ("today", "worklist", "cases", "plans")),
    (Permission.VERIFY, ("today", "worklist", "sweeps", "plans")),
    (Permission.HANDLE_TASKS, ("today", "worklist", "tasks", "deliveries")),
    (Permission.CONSENT, ("today", "worklist", "declarations", "cases")),
    (Permission.DISPATCH, ("today", "overview", "worklist", "cases")),
)


def frame(request: HttpRequest) -> Frame:
    """The frame of the page that answers a request."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Frame(Scope(()), "", "", (), is_demonstration())
    scope = scope_of(user, localdate())
    post = scope.reaches[0] if scope.reaches else None
    opening: dict[str, tuple[str, str, tuple[str, ...]]] = {}  # of several pages under one title the first that opens
    for title, icon, name, starts in SECTIONS:
        if may_open(scope, name) and _shows_something(scope, name):
            opening.setdefault(str(title), (icon, name, starts))
    # The first page is the day's work where there is such work, and the overview where there is none.
    first_page = "today" if may_open(scope, "today") else "overview"
    at_home = request.path == reverse("home")
    shown_first = _first_on_a_phone([name for _, name, _ in opening.values()], scope)
    sections = tuple(
        Section(
            title,
            icon,
            url := reverse(name),
            _is_here(request.path, url, starts) or at_home and name == first_page,
            name in shown_first,
        )
        for title, (icon, name, starts) in opening.items()
    )
    return Frame(
        scope,
        post.area.name if post else gettext("未分配岗位"),
        post.title if post and (post.department or scope.is_administrator) else "",
        sections,
        is_demonstration(),
        unread_count(user, localdate(), scope),
        may_open(scope, "outputs"),
    )


def _shows_something(scope: Scope, name: str) -> bool:
    """The overview is about households, and cases are told to nobody who sees only one department's matters."""
    if name == "overview":
        return bool(scope.seeing)
    return name != "cases" or scope.sees_whole_households


def _first_on_a_phone(names: list[str], scope: Scope) -> set[str]:
    """The sections that a phone shows at once: all where they fit, else what is used most."""
    if len(names) <= MOST_ON_A_PHONE:
        return set(names)
    used = next((each for permission, each in MOST_USED if scope.may(permission)), ())
    ordered = [*(name for name in names if name in used), *(name for name in names if name not in used)]
    return set(ordered[: MOST_ON_A_PHONE - 1])


def _is_here(path: str, url: str, starts: tuple[str, ...]) -> bool:
    return path == url or path.startswith(starts)


def is_demonstration() -> bool:
    """Whether this is a demonstration home, whose people are synthetic: it has users made for a demonstration.

    Asked once a minute: they are made before the site is up.
    """
    key = f"demonstration-{settings.HOME.path}"
    known: bool | None = cache.get(key)
    if known is None:
        known = User.objects.filter(demonstration=True).exists()
        cache.set(key, known, KEPT_SECONDS)
    return known
