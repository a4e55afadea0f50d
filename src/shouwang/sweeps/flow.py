"""A campaign as a table: planned, running, closed; by the office that organises it."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from shouwang.areas.models import Area
from shouwang.proceedings.table import Lifecycle, read_table
from shouwang.sweeps.models import Action, Stage

# A running campaign lies with its organiser, whichever level that is; its last day is its own and no clock of the pack.
LEVEL_OF: Mapping[Stage, int] = {Stage.RUNNING: Area.TOWNSHIP}

_TABLE = """
stage    action  permission  who   to
planned  start   dispatch    desk  running
planned  close   dispatch    desk  closed
running  add     dispatch    desk  same
running  close   dispatch    desk  closed
"""

CAMPAIGNS = Lifecycle(
    title=_("排查"),
    moves=read_table(_TABLE, Stage, Action),
    level_of=LEVEL_OF,
    harmless=(Action.RISE, Action.TAKE_OVER, Action.ADD),
    audit={
        Action.PLAN: "sweep_planned",
        Action.START: "sweep_started",
        Action.ADD: "sweep_extended",
        Action.CLOSE: "sweep_closed",
        Action.RISE: "sweep_escalated",
        Action.TAKE_OVER: "sweep_taken_over",
    },
)
