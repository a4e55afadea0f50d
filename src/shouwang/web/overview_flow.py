"""The way of clues as the overview tells it: each stage in words, with its clock, and the picture of the stream."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.clues.models import Stage
from shouwang.clues.progress import SPANS, Progress, Station
from shouwang.clues.requirements import Requirements
from shouwang.jobs.policy_words import limit_in_words
from shouwang.web.charts.flow import Stream, stream

TITLES = {
    Stage.CITY: gettext_lazy("市级下发"),
    Stage.COUNTY: gettext_lazy("区县下发"),
    Stage.TOWNSHIP: gettext_lazy("乡镇下发"),
    Stage.VILLAGE: gettext_lazy("入户核实"),
    Stage.TOWNSHIP_REVIEW: gettext_lazy("乡镇审核"),
    Stage.COUNTY_REVIEW: gettext_lazy("区县复核"),
}
SHADES = 5


@dataclass(frozen=True)
class Span:
    """How many stand for so many days, and how dark that is drawn."""

    number: int
    shade: int


@dataclass(frozen=True)
class Stop:
    """One stage in words."""

    station: Station
    title: str
    limit: str
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Way:
    stops: tuple[Stop, ...]
    picture: Stream
    spans: tuple[str, ...]


def way_of(progress: Progress, asked: Requirements) -> Way:
    """The stages with what the policy pack allows for each."""
    most = max((number for station in progress.stations for number in station.spans), default=0)
    stops = tuple(
        Stop(
            station,
            str(TITLES[station.stage]),
            limit_in_words(asked.limits[station.stage]),
            tuple(Span(number, -(-number * SHADES // most) if most else 0) for number in station.spans),
        )
        for station in progress.stations
    )
    columns = [(progress.found, progress.new, "step-4")]
    columns += [(station.reached, station.standing, "step-4") for station in progress.stations]
    columns += [(progress.closed, progress.closed, "fill-good")]
    return Way(stops, stream(columns), _span_titles())


def _span_titles() -> tuple[str, ...]:
    """The spans of days in words."""
    titles = [
        _("{first}–{last} 天").format(first=first, last=following - 1)
        for first, following in zip(SPANS, SPANS[1:], strict=False)
    ]
    return (*titles, _("{first} 天以上").format(first=SPANS[-1]))
