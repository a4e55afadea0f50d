"""Who may open which address: every view declares it once, and `gate` asks for it on every request.

    @door(Permission.SEE_HOUSEHOLDS)                                  a page
    @door(Permission.SEE_HOUSEHOLDS, post=Permission.DISPATCH)        a page with a form that asks for more
    @door(post=Permission.UPLOAD)                                     a form without a page of its own
    @door(SIGNED_IN)                                                  whoever is signed in, with or without a post

A view without a door is refused when the site starts, and by the test suite. A permission opens the page; which rows
stand on it is for the scoped reading functions, and an object outside the user's scope answers 404.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver, get_resolver

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import Scope

View = TypeVar("View", bound=Callable[..., Any])


class Audience(Enum):
    """Who may come in without any permission of a post."""

    ANYONE = "anyone"
    SIGNED_IN = "signed in"


ANYONE, SIGNED_IN = Audience.ANYONE, Audience.SIGNED_IN
Key = Permission | Audience


@dataclass(frozen=True)
class Door:
    """The keys that open a view for reading and for sending; any one of them is enough, none means: not that method.

    `on_the_way_in` marks the pages that somebody needs before the second factor and the own password are settled.
    """

    reading: tuple[Key, ...]
    sending: tuple[Key, ...]
    on_the_way_in: bool = False

    @property
    def is_public(self) -> bool:
        return Audience.ANYONE in self.reading + self.sending

    def keys(self, method: str | None) -> tuple[Key, ...]:
        """The keys for a method of HTTP; empty where the method is not allowed."""
        if method in ("GET", "HEAD"):
            return self.reading
        return self.sending if method == "POST" else ()

    @property
    def methods(self) -> list[str]:
        return ["GET", "HEAD"] * bool(self.reading) + ["POST"] * bool(self.sending)

    def opens(self, scope: Scope, method: str | None) -> bool:
        """Whether somebody who is signed in, with these posts, may use the method."""
        return any(isinstance(key, Audience) or scope.may(key) for key in self.keys(method))


def door(*keys: Key, post: Key | tuple[Key, ...] = (), on_the_way_in: bool = False) -> Callable[[View], View]:
    """Declares who may open a view: `keys` for reading, `post` for sending to it."""
    sending = post if isinstance(post, tuple) else (post,)
    if not keys and not sending:
        raise ImproperlyConfigured("a door without any key opens for nobody")

    def declare(view: View) -> View:
        view.door = Door(keys, sending, on_the_way_in)  # type: ignore[attr-defined]
        view.login_required = not view.door.is_public  # type: ignore[attr-defined]
        return view

    return declare


def door_of(view: Callable[..., Any]) -> Door | None:
    return getattr(view, "door", None)


def addresses(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the site, as it stands in the URL map, with its pattern."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from addresses(each, prefix + str(each.pattern))
        else:
            yield prefix + str(each.pattern), each


def without_door(resolver: URLResolver | None = None) -> list[str]:
    """The addresses whose view declares no door."""
    return [address or "/" for address, pattern in addresses(resolver) if door_of(pattern.callback) is None]


def require_doors(resolver: URLResolver | None = None) -> None:
    """Raises ImproperlyConfigured where an address of the site is open to who knows whom."""
    bare = without_door(resolver)
    if bare:
        raise ImproperlyConfigured(f"views without @door(…), see shouwang.web.doors: {', '.join(bare)}")


@cache
def _doors_by_name() -> dict[str, Door]:
    return {pattern.name: pattern.callback.door for _, pattern in addresses() if pattern.name}


def may_open(scope: Scope, name: str) -> bool:
    """Whether the page of that name opens for reading: for links that should not lead to a refusal."""
    return _doors_by_name()[name].opens(scope, "GET")
