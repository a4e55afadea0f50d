"""The identification of a monitored household as a table: who may do what at each stage, and where it then stands.

DOMAIN B2. Nobody alone: village, township and county are three offices, and `identification` refuses whoever acted for one of
them before for the same case. How monitoring ends and begins again is another table, that of `elimination`; what follows from
it for the case is written by `ending`.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from shouwang.areas.models import Area
from shouwang.cases.models import Action, Stage
from shouwang.proceedings.table import Lifecycle, read_table

# The level of the desk on which a stage lies; the clock of a stage is the pack's deadline of the same name.
LEVEL_OF: Mapping[Stage, int] = {
    Stage.COLLECTION: Area.VILLAGE,
    Stage.DELIBERATION: Area.VILLAGE,
    Stage.PUBLICITY: Area.VILLAGE,
    Stage.TOWNSHIP_AUDIT: Area.TOWNSHIP,
    Stage.COUNTY_APPROVAL: Area.COUNTY,
    Stage.ANNOUNCEMENT: Area.VILLAGE,
    Stage.REFUSAL_NOTICE: Area.VILLAGE,
}
IN_HAND = tuple(LEVEL_OF)
NOT_STANDING = (Stage.REFUSAL_NOTICE, Stage.REFUSED)  # a household may have another case beside one of these

# deliberate: a vote against goes to the township as well, which refuses or sends back. report: after the days of publicity.
# withdraw: the household does not sign, has moved away or died; the village says so, and the township refuses or sends back.
# refuse: by the township or the county; the village tells the household the reasons, which may have the township check again.
# set_aside: an objection from the public page that is not taken up; the township says so, for the village is a party.
_TABLE = """
stage            action      permission    who    to
collection       compare     submit        desk   same
collection       collect     submit        desk   deliberation
collection       withdraw    submit        desk   township_audit
deliberation     withdraw    submit        desk   township_audit
deliberation     deliberate  submit        desk   publicity,township_audit
publicity        post_up     submit        desk   same
publicity        object      submit        desk   collection
publicity        set_aside   consent       above  same
publicity        report      submit        desk   township_audit
township_audit   agree       consent       desk   county_approval
township_audit   refuse      consent       desk   refusal_notice
township_audit   send_back   consent       desk   collection,deliberation,publicity
county_approval  approve     approve_case  desk   announcement
county_approval  refuse      approve_case  desk   refusal_notice
county_approval  send_back   approve_case  desk   township_audit
announcement     announce    submit        desk   included
refusal_notice   notify      submit        desk   refused
refused          recheck     consent       desk   collection
collection       help_first  consent       above  same
deliberation     help_first  consent       above  same
publicity        help_first  consent       above  same
township_audit   help_first  consent       desk   same
collection       urge        dispatch      above  same
deliberation     urge        dispatch      above  same
publicity        urge        dispatch      above  same
township_audit   urge        dispatch      above  same
county_approval  urge        dispatch      above  same
announcement     urge        dispatch      above  same
refusal_notice   urge        dispatch      above  same
"""

CASES = Lifecycle(
    title=_("案件"),
    moves=read_table(_TABLE, Stage, Action),
    level_of=LEVEL_OF,
    harmless=(
        Action.RISE,
        Action.TAKE_OVER,
        Action.URGE,
        Action.ATTACH,
        Action.HELP_FIRST,
        Action.COMPARE,
        Action.SET_ASIDE,
    ),
    audit={
        Action.OPEN: "case_opened",
        Action.ATTACH: "case_clue_attached",
        Action.COMPARE: "case_compared",
        Action.COLLECT: "case_collected",
        Action.DELIBERATE: "case_deliberated",
        Action.POST_UP: "case_posted_up",
        Action.OBJECT: "case_objected",
        Action.SET_ASIDE: "case_objection_set_aside",
        Action.REPORT: "case_reported",
        Action.AGREE: "case_agreed",
        Action.APPROVE: "case_approved",
        Action.REFUSE: "case_refused",
        Action.NOTIFY: "case_refusal_told",
        Action.SEND_BACK: "case_sent_back",
        Action.ANNOUNCE: "case_announced",
        Action.WITHDRAW: "case_withdrawn",
        Action.RECHECK: "case_rechecked",
        Action.HELP_FIRST: "case_help_first",
        Action.ELIMINATE: "case_eliminated",
        Action.ROLL_BACK: "case_rolled_back",
        Action.URGE: "case_urged",
        Action.RISE: "case_escalated",
        Action.TAKE_OVER: "case_taken_over",
    },
)
