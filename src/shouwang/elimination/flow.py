"""Risk elimination as a table: who may do what at each stage, and where it then stands (DOMAIN B7: it mirrors the entry).

Nobody alone: village, township and county are three offices, on the way out and on the way back, and whoever acted for one
of them does not decide for the next. An elimination that is watched lies on the village's desk with the clock of the next
visit, so that a visit that is not made rises like every other overdue step.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from shouwang.areas.models import Area
from shouwang.elimination.models import Action, Stage
from shouwang.proceedings.table import Lifecycle, read_table

# The level of the desk on which a stage lies.
LEVEL_OF: Mapping[Stage, int] = {
    Stage.INSPECTION: Area.VILLAGE,
    Stage.DELIBERATION: Area.VILLAGE,
    Stage.PUBLICITY: Area.VILLAGE,
    Stage.TOWNSHIP_AUDIT: Area.TOWNSHIP,
    Stage.COUNTY_APPROVAL: Area.COUNTY,
    Stage.ANNOUNCEMENT: Area.VILLAGE,
    Stage.WATCH: Area.VILLAGE,
    Stage.RELAPSE_AUDIT: Area.TOWNSHIP,
    Stage.RELAPSE_APPROVAL: Area.COUNTY,
}
IN_HAND = tuple(LEVEL_OF)
# Where the household is still monitored, and where the end of its risk stands.
ON_THE_WAY_OUT = tuple(LEVEL_OF)[: tuple(LEVEL_OF).index(Stage.WATCH)]
STANDING = (Stage.WATCH, Stage.ELIMINATED, Stage.RELAPSE_AUDIT, Stage.RELAPSE_APPROVAL)

# set_aside: an objection from the public page that is not taken up, as in `cases`.
# withdraw: what was sent back or objected to does not hold any more; the household stays monitored.
# propose: begins an elimination, and takes one up again that was sent back. announce: a natural one is not watched.
# follow_up: the last visit of the watch ends it. relapse: by the village, or by itself where a clue was confirmed.
# confirm, deny: the township's opinion; the county decides either way.
_TABLE = """
stage             action         permission    who       to
inspection        propose        submit        desk      deliberation
inspection        withdraw       submit        desk      refused
deliberation      deliberate     submit        desk      publicity,township_audit
publicity         post_up        submit        desk      same
publicity         object         submit        desk      inspection
publicity         set_aside      consent       above     same
publicity         report         submit        desk      township_audit
township_audit    agree          consent       desk      county_approval
township_audit    refuse         consent       desk      refused
township_audit    send_back      consent       desk      inspection,deliberation,publicity
county_approval   approve        approve_case  desk      announcement
county_approval   refuse         approve_case  desk      refused
county_approval   send_back      approve_case  desk      township_audit
announcement      announce       submit        desk      watch,eliminated
announcement      refuse         approve_case  above     refused
watch             follow_up      verify        reaching  watch,eliminated
watch             relapse        submit        desk      relapse_audit
eliminated        relapse        submit        desk      relapse_audit
relapse_audit     confirm        consent       desk      relapse_approval
relapse_audit     deny           consent       desk      relapse_approval
relapse_approval  roll_back      approve_case  desk      rolled_back
relapse_approval  deny           approve_case  desk      watch,eliminated
relapse_approval  send_back      approve_case  desk      relapse_audit
inspection        urge           dispatch      above     same
deliberation      urge           dispatch      above     same
publicity         urge           dispatch      above     same
township_audit    urge           dispatch      above     same
county_approval   urge           dispatch      above     same
announcement      urge           dispatch      above     same
watch             urge           dispatch      above     same
relapse_audit     urge           dispatch      above     same
relapse_approval  urge           dispatch      above     same
"""

ELIMINATIONS = Lifecycle(
    title=_("风险消除"),
    moves=read_table(_TABLE, Stage, Action),
    level_of=LEVEL_OF,
    harmless=(Action.RISE, Action.TAKE_OVER, Action.URGE, Action.SET_ASIDE),
    audit={
        Action.PROPOSE: "elimination_proposed",
        Action.DELIBERATE: "elimination_deliberated",
        Action.POST_UP: "elimination_posted_up",
        Action.OBJECT: "elimination_objected",
        Action.SET_ASIDE: "elimination_objection_set_aside",
        Action.REPORT: "elimination_reported",
        Action.AGREE: "elimination_agreed",
        Action.APPROVE: "elimination_approved",
        Action.REFUSE: "elimination_refused",
        Action.SEND_BACK: "elimination_sent_back",
        Action.ANNOUNCE: "elimination_announced",
        Action.WITHDRAW: "elimination_withdrawn",
        Action.FOLLOW_UP: "elimination_followed_up",
        Action.RELAPSE: "relapse_reported",
        Action.CONFIRM: "relapse_confirmed",
        Action.DENY: "relapse_denied",
        Action.ROLL_BACK: "elimination_rolled_back",
        Action.URGE: "elimination_urged",
        Action.RISE: "elimination_escalated",
        Action.TAKE_OVER: "elimination_taken_over",
    },
)
