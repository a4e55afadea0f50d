"""What each duty may do: one table, and who may give which duty to whom.

A duty says what may be done, its area says where: scope is (area subtree) × (duty). Nothing else in the code asks
which duty somebody has; it asks for a permission. The three administrators are separate persons and see no household
(等保 2.0 三级: 系统管理、安全管理和审计管理分设).
"""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwang.areas.models import Area


class Duty(models.TextChoices):
    """What somebody is there for. A department's post also names the department."""

    CITY = "city", _("市级乡村振兴部门")
    COUNTY = "county", _("区县乡村振兴部门")
    TOWNSHIP = "township", _("乡镇（街道）")
    VILLAGE = "village", _("村（社区）")
    DEPARTMENT = "department", _("行业部门")
    ENUMERATOR = "enumerator", _("调查员")
    GRID_WORKER = "grid_worker", _("网格员")
    RESIDENT_TEAM = "resident_team", _("驻村工作队")
    SOCIAL_FORCE = "social_force", _("社会力量")
    SYSTEM_ADMIN = "system_admin", _("系统管理员")
    SECURITY_ADMIN = "security_admin", _("安全管理员")
    AUDITOR = "auditor", _("审计管理员")


class Permission(models.TextChoices):
    """What somebody may do; a page asks for one of these and nothing else."""

    SEE_HOUSEHOLDS = "see_households", _("查看农户和线索")
    SEE_FILES = "see_files", _("查看整份交付")
    UPLOAD = "upload", _("上传部门文件")
    DECIDE_LINKS = "decide_links", _("认定待认定的行")
    SCREEN = "screen", _("发起筛查")
    DISPATCH = "dispatch", _("下发、改派和合并线索")
    VERIFY = "verify", _("入户核实")
    SUBMIT = "submit", _("报送核实结果")
    CONSENT = "consent", _("审核核实结果")
    CONFIRM_RED = "confirm_red", _("复核红色线索")
    HANDLE_TASKS = "handle_tasks", _("办理部门任务")
    PLEDGE = "pledge", _("认领社会帮扶需求")
    APPROVE_CASE = "approve_case", _("审定监测对象")
    UNMASK = "unmask", _("查看脱敏内容原文")
    EXPORT = "export", _("导出清单")
    PRINT_REGISTERS = "print_registers", _("打印台账")
    APPROVE_EXPORT = "approve_export", _("审批含证件号码的导出")
    PROPOSE_POLICY = "propose_policy", _("提出政策参数建议")
    DECIDE_POLICY = "decide_policy", _("审定政策参数")
    MANAGE_USERS = "manage_users", _("管理下级账号")
    MANAGE_ADMINISTRATORS = "manage_administrators", _("管理管理员账号")
    RUN_SYSTEM = "run_system", _("系统运行维护")
    READ_AUDIT = "read_audit", _("查阅审计记录")


# ● everywhere in the area of the post; ○ only what belongs to the post's own department; · not at all.
_TABLE = """
                       city county township village department enumerator grid team system security auditor social
see_households          ●     ●       ●        ●        ○           ●       ●    ●     ·       ·       ·      ·
see_files               ●     ●       ·        ·        ○           ·       ·    ·     ·       ·       ·      ·
upload                  ●     ●       ·        ·        ○           ·       ·    ·     ·       ·       ·      ·
decide_links            ●     ●       ●        ●        ·           ·       ·    ·     ·       ·       ·      ·
screen                  ●     ●       ·        ·        ·           ·       ·    ·     ·       ·       ·      ·
dispatch                ●     ●       ●        ·        ·           ·       ·    ·     ·       ·       ·      ·
verify                  ·     ·       ·        ●        ·           ●       ●    ●     ·       ·       ·      ·
submit                  ·     ·       ·        ●        ·           ·       ·    ●     ·       ·       ·      ·
consent                 ·     ·       ●        ·        ·           ·       ·    ·     ·       ·       ·      ·
confirm_red             ·     ●       ·        ·        ·           ·       ·    ·     ·       ·       ·      ·
approve_case            ·     ●       ·        ·        ·           ·       ·    ·     ·       ·       ·      ·
handle_tasks            ·     ·       ·        ·        ○           ·       ·    ·     ·       ·       ·      ·
pledge                  ·     ·       ·        ·        ·           ·       ·    ·     ·       ·       ·      ●
unmask                  ●     ●       ●        ●        ·           ·       ·    ·     ·       ·       ·      ·
export                  ●     ●       ·        ·        ○           ·       ·    ·     ·       ·       ·      ·
print_registers         ●     ●       ●        ●        ·           ·       ·    ·     ·       ·       ·      ·
approve_export          ●     ●       ·        ·        ·           ·       ·    ·     ·       ·       ·      ·
propose_policy          ●     ●       ·        ·        ·           ·       ·    ·     ·       ·       ·      ·
decide_policy           ●     ·       ·        ·        ·           ·       ·    ·     ·       ·       ·      ·
manage_users            ●     ●       ●        ·        ·           ·       ·    ·     ·       ·       ·      ·
manage_administrators   ·     ·       ·        ·        ·           ·       ·    ·     ·       ●       ·      ·
run_system              ·     ·       ·        ·        ·           ·       ·    ·     ●       ·       ·      ·
read_audit              ·     ·       ·        ·        ·           ·       ·    ·     ·       ·       ●      ·
"""
_COLUMNS = {
    "grid": "grid_worker",
    "team": "resident_team",
    "social": "social_force",
    "system": "system_admin",
    "security": "security_admin",
}

ADMINISTRATORS = frozenset({Duty.SYSTEM_ADMIN, Duty.SECURITY_ADMIN, Duty.AUDITOR})

# On which levels a duty stands, and which duties may give it to somebody within their own area.
LEVELS: Mapping[Duty, tuple[int, ...]] = {
    Duty.CITY: (Area.CITY,),
    Duty.COUNTY: (Area.COUNTY,),
    Duty.TOWNSHIP: (Area.TOWNSHIP,),
    Duty.VILLAGE: (Area.VILLAGE,),
    Duty.DEPARTMENT: (Area.CITY, Area.COUNTY),
    Duty.ENUMERATOR: (Area.TOWNSHIP, Area.VILLAGE),
    Duty.GRID_WORKER: (Area.VILLAGE,),
    Duty.RESIDENT_TEAM: (Area.VILLAGE,),
    Duty.SOCIAL_FORCE: (Area.COUNTY,),
    Duty.SYSTEM_ADMIN: (Area.CITY, Area.COUNTY),
    Duty.SECURITY_ADMIN: (Area.CITY, Area.COUNTY),
    Duty.AUDITOR: (Area.CITY, Area.COUNTY),
}


def _read(table: str) -> dict[Duty, dict[Permission, str]]:
    """The table by duty. Raises ValueError where a duty or a permission has no place in it, or a cell no meaning."""
    head, *lines = [line.split() for line in table.strip().splitlines()]
    duties = [Duty(_COLUMNS.get(name, name)) for name in head]
    found: dict[Duty, dict[Permission, str]] = {duty: {} for duty in duties}
    for name, *cells in lines:
        for duty, cell in zip(duties, cells, strict=True):
            if cell not in "●○·":
                raise ValueError(f"{name} × {duty}: {cell}")
            found[duty][Permission(name)] = cell
    if set(found) != set(Duty) or any(set(each) != set(Permission) for each in found.values()):
        raise ValueError("the table of duties lacks a duty or a permission")
    return found


TABLE: Mapping[Duty, Mapping[Permission, str]] = _read(_TABLE)
PERMISSIONS: Mapping[str, frozenset[Permission]] = {
    duty: frozenset(permission for permission, cell in row.items() if cell != "·") for duty, row in TABLE.items()
}


def duties_with(permission: Permission) -> tuple[Duty, ...]:
    """The duties that hold a permission, in the order of the table."""
    return tuple(duty for duty in TABLE if permission in PERMISSIONS[duty])


def may_give(giver: str, giver_level: int, duty: str, level: int) -> bool:
    """Whether a duty on one level gives another duty on an area's level, within its own area.

    Each office manages the level below it; the security administrator manages the administrators of his level and
    below, and the city office, above which there is no office.
    """
    if giver == Duty.SECURITY_ADMIN:
        return duty in ADMINISTRATORS or (duty == Duty.CITY and giver_level == Area.CITY)
    if duty in ADMINISTRATORS or Permission.MANAGE_USERS not in PERMISSIONS[giver]:
        return False
    if giver == Duty.TOWNSHIP:
        return duty in (Duty.VILLAGE, Duty.ENUMERATOR, Duty.GRID_WORKER, Duty.RESIDENT_TEAM)
    if giver == Duty.COUNTY:
        return duty == Duty.TOWNSHIP or (duty in (Duty.DEPARTMENT, Duty.SOCIAL_FORCE) and level == Area.COUNTY)
    return duty == Duty.COUNTY or (duty == Duty.DEPARTMENT and level == Area.CITY)


def needs_second_factor(duty: str, level: int) -> bool:
    """City and county posts, every administrator, and whoever may export; an organisation sees nobody's data."""
    if duty == Duty.SOCIAL_FORCE:
        return False
    return level <= Area.COUNTY or duty in ADMINISTRATORS or Permission.EXPORT in PERMISSIONS[duty]
