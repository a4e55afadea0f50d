"""The design system: every component stands on its page, and no style is kept that nothing uses."""

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

from django.test import Client

import shouwang.web

DESK = Path(shouwang.web.__file__).parent
STYLES = DESK / "static" / "desk"
# Blocks of the style sheet that belong to one page each and are looked at there.
OF_ONE_PAGE = {"door", "visit", "beside", "picking", "keys", "on-a-wall", "guide", "statistics", "sweep-bar"}
# Families whose ends are put together in templates and code.
FAMILIES = ("depth-", "shade-", "step-", "fill-", "is-")


def components_of(style: str) -> list[str]:
    """The class with which each block of the style sheet begins."""
    return re.findall(r"/\*[^*]+\*/\s*\.([a-z][a-z0-9-]*)", style)


def missing(style: str, page: str) -> list[str]:
    shown = {name for names in re.findall(r'class="([^"]*)"', page) for name in names.split()}
    return [name for name in components_of(style) if name not in shown | OF_ONE_PAGE]


def unused(style: str, said: str) -> list[str]:
    bare = re.sub(r"/\*.*?\*/|url\([^)]*\)", "", style, flags=re.DOTALL)
    names = set(re.findall(r"\.([a-z][a-z0-9-]*)", bare))
    words = set(re.findall(r"[a-z][a-z0-9-]*", said))
    return sorted(name for name in names if name not in words and not name.startswith(FAMILIES))


def test_every_component_stands_on_its_page(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    page = at_desk("county").get("/components/").content.decode()
    style = (STYLES / "components.css").read_text(encoding="utf-8")
    assert len(components_of(style)) > 20
    assert missing(style, page) == []


def test_no_style_is_kept_that_nothing_uses() -> None:
    sources = [*DESK.rglob("*.html"), *DESK.rglob("*.py"), *DESK.rglob("*.js")]
    said = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    for path in STYLES.glob("*.css"):
        assert unused(path.read_text(encoding="utf-8"), said) == [], path.name


def test_what_is_missing_or_unused_is_noticed() -> None:
    style = "/* card: one thing */\n.card { }\n/* box */\n.box .inner { }"
    assert missing(style, '<p class="card wide">') == ["box"]
    assert unused(style, '<p class="card box">') == ["inner"]
