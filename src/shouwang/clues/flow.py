"""The handling of a clue as a table: where it stands, what may be done there, by whom, and where it then stands.

Nothing else writes `Clue.stage`; whoever asks what somebody may do now asks `moves_open_to`. Every clue that is not closed
lies on one desk with one clock, or is handled with another clue of its household; there is no way out of the table.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from shouwang.areas.models import Area
from shouwang.clues.models import Action, Channel, Stage
from shouwang.proceedings.table import Lifecycle, read_table

# The level of the desk on which a stage lies.
LEVEL_OF: Mapping[Stage, int] = {
    Stage.CITY: Area.CITY,
    Stage.COUNTY: Area.COUNTY,
    Stage.TOWNSHIP: Area.TOWNSHIP,
    Stage.VILLAGE: Area.VILLAGE,
    Stage.TOWNSHIP_REVIEW: Area.TOWNSHIP,
    Stage.COUNTY_REVIEW: Area.COUNTY,
}
STAGE_AT: Mapping[int, Stage] = {
    Area.CITY: Stage.CITY,
    Area.COUNTY: Stage.COUNTY,
    Area.TOWNSHIP: Stage.TOWNSHIP,
    Area.VILLAGE: Stage.VILLAGE,
}
# Where a clue is on its way down or with the village; later it is being agreed upon.
ON_THE_WAY = tuple(STAGE_AT.values())
IN_HAND = tuple(LEVEL_OF)

# Where a new clue comes first: what was said in person goes to the township, which sends somebody to look; what a screening
# found to the city.
FIRST_LEVEL: Mapping[Channel, int] = {
    Channel.SELF_REPORT: Area.TOWNSHIP,
    Channel.SWEEP: Area.TOWNSHIP,
    Channel.SCREENING: Area.CITY,
}

# `to` is the stage after the step: the first fits unless the step names another; `same` stays. The clock of the new stage
# is the deadline of its name in the pack. agree: a red clue goes on to the county, every other is closed. help_first: by the
# township of the household, wherever the clue lies; the clue goes on being verified.
_TABLE = """
stage            action     permission   who       to
city             dispatch   dispatch     desk      county,township,village
county           dispatch   dispatch     desk      township,village
township         dispatch   dispatch     desk      village
county           return     dispatch     desk      city
township         return     dispatch     desk      county
village          return     submit       desk      township
county           reassign   dispatch     above     county
township         reassign   dispatch     above     township
village          reassign   dispatch     above     village
city             merge      dispatch     either    merged
county           merge      dispatch     either    merged
township         merge      dispatch     either    merged
village          merge      dispatch     either    merged
merged           separate   dispatch     either    city,county,township,village
village          visit      verify       reaching  same
village          confirm    submit       desk      township_review
village          dismiss    submit       desk      township_review
township_review  agree      consent      desk      closed,county_review
township_review  send_back  consent      desk      village
county_review    agree      confirm_red  desk      closed
county_review    send_back  confirm_red  desk      township_review
city             help_first consent      calling   same
county           help_first consent      calling   same
township         help_first consent      calling   same
village          help_first consent      calling   same
township_review  help_first consent      calling   same
county_review    help_first consent      calling   same
county           urge       dispatch     above     same
township         urge       dispatch     above     same
village          urge       dispatch     above     same
township_review  urge       dispatch     above     same
county_review    urge       dispatch     above     same
"""


AUDIT: Mapping[Action, str] = {
    Action.ARRIVE: "clue_reported",
    Action.DISPATCH: "clue_dispatched",
    Action.RETURN: "clue_returned",
    Action.REASSIGN: "clue_reassigned",
    Action.MERGE: "clue_merged",
    Action.SEPARATE: "clue_separated",
    Action.VISIT: "visit_recorded",
    Action.CONFIRM: "finding_submitted",
    Action.DISMISS: "dismissal_proposed",
    Action.AGREE: "finding_agreed",
    Action.SEND_BACK: "finding_sent_back",
    Action.HELP_FIRST: "clue_help_first",
    Action.URGE: "clue_urged",
    Action.RISE: "clue_escalated",
    Action.TAKE_OVER: "clue_taken_over",
}

CLUES = Lifecycle(
    title=_("线索"),
    moves=read_table(_TABLE, Stage, Action),
    level_of=LEVEL_OF,
    harmless=(Action.RISE, Action.TAKE_OVER, Action.URGE, Action.VISIT, Action.HELP_FIRST),
    audit=AUDIT,
)
MOVES, move_of, may, moves_open_to = CLUES.moves, CLUES.move_of, CLUES.may, CLUES.moves_open_to
