"""A household's own report as a table: where it stands, what may be done there, by whom, and where it then stands.

A report that nobody can match to a household stays on the desk of the township or the village until a person links it, or it is
closed with a reason and a second person's consent; and also then whoever reported may appeal once.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from shouwang.areas.models import Area
from shouwang.declarations.models import Action, Stage
from shouwang.proceedings.table import Lifecycle, read_table

# The level of the desk on which a stage lies; the clock of a stage is the pack's deadline declaration_<stage>.
LEVEL_OF: Mapping[Stage, int] = {
    Stage.TOWNSHIP: Area.TOWNSHIP,
    Stage.VILLAGE: Area.VILLAGE,
    Stage.CLOSING: Area.TOWNSHIP,
    Stage.APPEALED: Area.TOWNSHIP,
}
IN_HAND = tuple(LEVEL_OF)

# agree, reopen and uphold: by somebody else than whoever gave the answer before (`handling`). uphold: back to where it stood.
_TABLE = """
stage     action     permission  who    to
township  link       dispatch    desk   linked
township  pass_down  dispatch    desk   village
township  propose    dispatch    desk   closing
township  reassign   dispatch    above  township
village   link       submit      desk   linked
village   give_back  submit      desk   township
closing   agree      consent     desk   closed
closing   keep       consent     desk   township
appealed  reopen     consent     desk   township,linked
appealed  uphold     consent     desk   closed,linked
township  urge       dispatch    above  same
village   urge       dispatch    above  same
closing   urge       dispatch    above  same
appealed  urge       dispatch    above  same
"""

DECLARATIONS = Lifecycle(
    title=_("申报"),
    moves=read_table(_TABLE, Stage, Action),
    level_of=LEVEL_OF,
    harmless=(Action.RISE, Action.TAKE_OVER, Action.URGE),
    audit={
        Action.RECEIVE: "declaration_received",
        Action.VERIFY: "declaration_verified",
        Action.ARRIVE: "declaration_arrived",
        Action.PASS_DOWN: "declaration_passed_down",
        Action.GIVE_BACK: "declaration_given_back",
        Action.REASSIGN: "declaration_reassigned",
        Action.LINK: "declaration_linked",
        Action.PROPOSE: "declaration_closing_proposed",
        Action.AGREE: "declaration_closed",
        Action.KEEP: "declaration_kept",
        Action.APPEAL: "declaration_appealed",
        Action.REOPEN: "declaration_reopened",
        Action.UPHOLD: "declaration_upheld",
        Action.URGE: "declaration_urged",
        Action.RISE: "declaration_escalated",
        Action.TAKE_OVER: "declaration_taken_over",
    },
)
