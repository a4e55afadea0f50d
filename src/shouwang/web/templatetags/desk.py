"""Tags and filters of the desk's templates: levels, bars, numbers and addresses."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlencode

from django import template
from django.http import HttpRequest
from django.template.context import RequestContext
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shouwang.clues.models import Level, RiskType
from shouwang.exchange.models import Delivery
from shouwang.jobs import policy_words
from shouwang.kernel.citizen_id import completed_years
from shouwang.statistics.declaration import Additive, Statistic
from shouwang.statistics.precision import Precision
from shouwang.web import frame as frames
from shouwang.web.charts import bars
from shouwang.web.icons import ICONS, LEVEL_SHAPES
from shouwang.web.vocabulary import LEVELS, Reason, reason

register = template.Library()
SOURCES = re.compile(r"（依据：[^（）]*）")


@register.simple_tag(takes_context=True)
def frame(context: RequestContext) -> frames.Frame:
    """What stands around every page: the user, their area, the parts of the desk."""
    return frames.frame(context["request"])


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """A drawing beside a word; screen readers pass over it."""
    return format_html(
        '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" '
        'stroke-linejoin="round" aria-hidden="true" focusable="false">{}</svg>',
        ICONS[name],
    )


@register.simple_tag
@cache
def level_shape(level: str) -> SafeString:
    """The shape of a level: triangle, diamond, circle, so that colour is never alone."""
    return format_html(
        '<svg class="level-shape fill-{}" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{}</svg>',
        level,
        LEVEL_SHAPES[level],
    )


@register.simple_tag
def level_badge(level: str) -> SafeString:
    """A level as word and shape."""
    return _badge(level, get_language())


@cache
def _badge(level: str, language: str) -> SafeString:
    return format_html('<span class="level {}">{}{}</span>', level, level_shape(level), Level(level).label)


@register.simple_tag
def bar(whole: int, **amounts: int) -> SafeString:
    """A bar of parts: `{% bar 100 red=3 orange=10 %}`. The numbers stand beside it, so it is hidden from readers."""
    found = bars.parts(amounts.items(), whole)
    drawn = SafeString("").join(
        format_html('<rect class="fill-{}" x="{}" y="0" width="{}" height="10"/>', part.kind, part.x, part.width)
        for part in found
    )
    return format_html(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">{}</svg>',
        SafeString(drawn),
    )


@register.simple_tag
def interval(found: Precision) -> SafeString:
    """A share within its interval, on a scale from nought to a hundred; the numbers stand beside it."""
    low, high = found.interval or (0.0, 1.0)
    return format_html(
        '<svg class="interval" viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="whole" width="100" height="14"/><rect class="span" x="{}" y="3" width="{}" height="8"/>'
        '<rect class="mark" x="{}" y="1" width="1" height="12"/></svg>',
        round(100 * low, 1), round(100 * (high - low), 1), round(100 * (found.share or 0) - 0.5, 1),
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def address(context: RequestContext, **changes: Any) -> str:
    """The page's own address with some of its parameters changed; an empty value removes one."""
    request: HttpRequest = context["request"]
    kept = [(name, each) for name, values in request.GET.lists() if name not in changes for each in values]
    query = kept + [(name, str(value)) for name, value in changes.items() if value not in (None, "")]
    return "?" + urlencode(query) if query else request.path


@register.simple_tag(takes_context=True)
def filters(context: RequestContext) -> str:
    """The page's filters without its place in the list, to be put behind another address; empty where there are none."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    return "?" + query.urlencode() if query else ""


@register.filter
def figure(statistic: Statistic, value: float | None) -> str:
    """The value of a statistic: separated thousands, or per cent with one decimal; a dash where nothing is known."""
    if value is None:
        return "—"
    return f"{value:,.0f}" if isinstance(statistic, Additive) else f"{value:.1f}%"


@register.filter
def per_cent(share: float | None) -> str:
    """A part of one as per cent, without decimals."""
    return "—" if share is None else f"{100 * share:.0f}%"


@register.filter
def delivery_name(number: int) -> str:
    return Delivery(number=int(number)).label


@register.filter
def yuan(amount: Decimal | float | str | None) -> str:
    """An amount in yuan with two decimals and separators of thousands; nothing known is a dash."""
    return "—" if amount is None or amount == "" else f"{Decimal(str(amount)):,.2f}"


@register.filter
def age_on(born: date | None, day: date) -> str:
    return _("{day}岁").format(day=completed_years(born, day)) if born else ""


@register.filter
def of(mapping: Mapping[str, Any] | None, key: str) -> Any:
    """The entry of a mapping, or nought."""
    return (mapping or {}).get(key, 0)


@register.filter
def value_of(thing: Any, name: str) -> Any:
    """The value that a record has under a name; nothing where it has none."""
    return getattr(thing, name, "")


@register.filter
def risk_name(code: str) -> str:
    return RiskType(code).label if code in RiskType.values else code


@register.filter
def reason_words(code: str) -> Reason:
    return reason(code)


@register.filter
def share_of(part: int, whole: int) -> str:
    """A part of a whole in per cent with one decimal."""
    return f"{part / whole * 100:.1f}%" if whole else "—"


@register.filter
def level_name(level: str) -> str:
    return Level(level).label


@register.filter
def level_meaning(level: str) -> str:
    return LEVELS[level]


@register.filter
def short_place(name: str) -> str:
    """A village's name without its committee: 五育村村民委员会 is 五育村."""
    for ending in ("村民委员会", "居民委员会"):
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name.removesuffix(ending)
    return name


@register.filter
def short_places(names: str) -> str:
    """Several names with spaces between them, each as `short_place` has it."""
    return " ".join(map(short_place, names.split(" ")))


@register.filter
def per_thousand(share: float) -> str:
    """A part of one in thousandths with one decimal."""
    return f"{share * 1000:,.1f}"


@register.filter
def total_of(counts: Mapping[str, int] | None) -> int:
    return sum((counts or {}).values())


@register.filter
def number(value: Any) -> str:
    """A whole number with separators of thousands; Django's Chinese format groups by four, which no table here does."""
    return f"{value:,}" if isinstance(value, int) else str(value)


@register.filter
def edition(pack_version: str) -> str:
    """A pack's own version without the fingerprint of its files."""
    return pack_version.partition("+")[0]


@register.filter
def without_sources(reasons: str) -> str:
    """Reasons without the places they rest on, for lists; the clue's page has them line by line."""
    return SOURCES.sub("", reasons)


@register.filter
def percent(share: float) -> str:
    """A probability in per cent; never rounded up to certainty."""
    return f"{min(share, 0.999) * 100:.1f}%"


@register.filter
def positive(days: int) -> int:
    return abs(days)


@register.filter
def day(value: date | None) -> str:
    """2024年3月5日, or 5 Mar 2024."""
    return _dated(value, _("Y年n月j日"))


@register.filter
def moment(value: datetime | None) -> str:
    return _dated(value, _("Y年n月j日 H:i"))


@register.filter
def month_day(value: date | None) -> str:
    return _dated(value, _("n月j日"))


@register.filter
def short_moment(value: datetime | None) -> str:
    return _dated(value, _("n月j日 H:i"))


@register.filter
def month(value: date | None) -> str:
    return _dated(value, _("Y年n月"))


def _dated(value: date | datetime | None, form: str) -> str:
    if not value:
        return ""
    if isinstance(value, datetime):
        return date_format(localtime(value), form)
    return _written(value, form, get_language())


@lru_cache(maxsize=4096)
def _written(value: date, form: str, language: str) -> str:
    """A list writes the same few days again and again."""
    return date_format(value, form)


@register.filter
def iso(value: date | datetime | None) -> str:
    """2024-03-05; nothing where there is no day."""
    if not isinstance(value, date):
        return ""
    return f"{localtime(value) if isinstance(value, datetime) else value:%Y-%m-%d}"


@register.filter
def spoken(text: Any) -> str:
    """A title from a contract or the policy pack, in the language of the page where the catalogue has it."""
    return policy_words.spoken(str(text or ""))
