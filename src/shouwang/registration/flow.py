"""The way of a change of the register as a table: who may do what at each stage, and where it then stands.

The village proposes, the township agrees, for a move into another township that one as well; the county delivers what is
agreed. Nobody alone: whoever proposed or resubmitted does not agree (`deciding`).
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from shouwang.areas.models import Area
from shouwang.proceedings.table import Lifecycle, read_table
from shouwang.registration.models import RequestAction as Action
from shouwang.registration.models import RequestStage as Stage

# The level of the desk on which a stage lies; the clock of a stage is the pack's deadline of the same name.
LEVEL_OF: Mapping[Stage, int] = {
    Stage.TOWNSHIP_REVIEW: Area.TOWNSHIP,
    Stage.RECEIVING_REVIEW: Area.TOWNSHIP,
    Stage.RETURNED: Area.VILLAGE,
    Stage.AGREED: Area.COUNTY,
}
IN_HAND = tuple(LEVEL_OF)

_TABLE = """
stage               action     permission  who    to
register_township   agree      consent     desk   register_agreed,register_receiving
register_township   refuse     consent     desk   refused
register_township   send_back  consent     desk   register_returned
register_receiving  receive    consent     desk   register_agreed
register_receiving  refuse     consent     desk   refused
register_returned   resubmit   submit      desk   register_township
register_returned   withdraw   submit      desk   withdrawn
register_agreed     hand_over  dispatch    desk   handed_over
register_agreed     send_back  dispatch    desk   register_township
register_township   urge       dispatch    above  same
register_receiving  urge       dispatch    above  same
register_returned   urge       dispatch    above  same
register_agreed     urge       dispatch    above  same
"""

REQUESTS = Lifecycle(
    title=_("名册变更"),
    moves=read_table(_TABLE, Stage, Action),
    level_of=LEVEL_OF,
    harmless=(Action.RISE, Action.TAKE_OVER, Action.URGE),
    audit={
        Action.PROPOSE: "register_change_proposed",
        Action.AGREE: "register_change_agreed",
        Action.RECEIVE: "register_change_received",
        Action.REFUSE: "register_change_refused",
        Action.SEND_BACK: "register_change_sent_back",
        Action.RESUBMIT: "register_change_resubmitted",
        Action.WITHDRAW: "register_change_withdrawn",
        Action.HAND_OVER: "register_change_handed_over",
        Action.URGE: "register_change_urged",
        Action.RISE: "register_change_escalated",
        Action.TAKE_OVER: "register_change_taken_over",
    },
)
