"""Everything that the audit can say, with its Chinese: actions, types of subjects, and what details mean.

An action that is not here cannot be recorded. A code is never reused for something else: old entries keep their meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


@dataclass(frozen=True)
class Kind:
    """What an action is called; `is_refusal` for those that are a refusal by themselves."""

    title: str
    is_refusal: bool = False


SIGNING_IN: Mapping[str, Kind] = {
    "logged_in": Kind(_("登录")),
    "logged_out": Kind(_("退出")),
    "login_refused": Kind(_("登录失败：用户名或密码不正确"), is_refusal=True),
    "login_made_to_wait": Kind(_("登录失败：连续输错，须等待"), is_refusal=True),
    "code_refused": Kind(_("登录失败：动态口令不正确"), is_refusal=True),
}
ACCOUNTS: Mapping[str, Kind] = {
    "user_added": Kind(_("建立账号")),
    "user_changed": Kind(_("修改账号")),
    "user_disabled": Kind(_("停用账号")),
    "user_enabled": Kind(_("启用账号")),
    "users_imported": Kind(_("批量建立账号")),
    "post_added": Kind(_("设置岗位")),
    "post_changed": Kind(_("修改岗位")),
    "post_revoked": Kind(_("撤销岗位")),
    "password_changed": Kind(_("修改密码")),
    "password_reset": Kind(_("重置密码")),
    "sessions_ended": Kind(_("结束全部登录")),
    "second_factor_set_up": Kind(_("启用动态口令")),
    "second_factor_removed": Kind(_("停用动态口令")),
    "recovery_codes_renewed": Kind(_("更换恢复码")),
    "recovery_code_used": Kind(_("使用恢复码")),
}
READING: Mapping[str, Kind] = {
    "household_viewed": Kind(_("查看农户")),
    "clue_viewed": Kind(_("查看线索")),
    "household_explained": Kind(_("查询一户的筛查说明")),
    "number_searched": Kind(_("按证件号码查找农户")),
    "value_unmasked": Kind(_("查看脱敏内容原文")),
    "quarantine_viewed": Kind(_("查看待改正的行")),
    "review_viewed": Kind(_("查看待认定的行")),
    "audit_searched": Kind(_("查询审计记录")),
    "access_refused": Kind(_("访问被拒绝"), is_refusal=True),
}
EXCHANGE: Mapping[str, Kind] = {
    "file_uploaded": Kind(_("上传部门文件")),
    "file_ingested": Kind(_("读入部门文件")),
    "file_refused": Kind(_("部门文件未被接收"), is_refusal=True),
    "quarantine_exported": Kind(_("导出待改正的行")),
    "list_exported": Kind(_("导出清单")),
    "clues_exported": Kind(_("导出线索清单")),
    "quarantine_mended": Kind(_("改正隔离的行")),
    "link_decided": Kind(_("认定一行属于谁")),
    "link_undone": Kind(_("撤销认定")),
}
SCREENING: Mapping[str, Kind] = {
    "screening_asked": Kind(_("发起筛查")),
    "screening_recorded": Kind(_("筛查结果记入线索")),
    "whatif_run": Kind(_("试算政策参数")),
    "parameter_proposed": Kind(_("提出政策参数建议")),
    "parameter_decided": Kind(_("审定政策参数建议")),
    "parameter_declined": Kind(_("不同意政策参数建议")),
    "parameter_withdrawn": Kind(_("撤回政策参数建议")),
}
CASEWORK: Mapping[str, Kind] = {
    "clue_reported": Kind(_("登记申报或排查的线索")),
    "clue_dispatched": Kind(_("下发线索")),
    "clue_returned": Kind(_("退回线索")),
    "clue_reassigned": Kind(_("改派线索")),
    "clue_merged": Kind(_("合并线索")),
    "clue_separated": Kind(_("拆分线索")),
    "clue_urged": Kind(_("催办线索")),
    "dispatch_rule_set": Kind(_("制定下发规则")),
    "dispatch_rule_ended": Kind(_("撤销下发规则")),
    "clue_escalated": Kind(_("线索逾期上报")),
    "visit_recorded": Kind(_("记录入户核实")),
    "visit_changed": Kind(_("修改入户核实")),
    "finding_submitted": Kind(_("报送核实结果")),
    "dismissal_proposed": Kind(_("建议排除线索")),
    "finding_agreed": Kind(_("同意核实结果")),
    "finding_sent_back": Kind(_("核实结果退回")),
    "red_clue_confirmed": Kind(_("复核红色线索")),
    "clue_dismissed": Kind(_("排除线索")),
    "clue_confirmed": Kind(_("确认线索属实")),
    "photo_added": Kind(_("上传核实照片")),
    "photo_viewed": Kind(_("查看核实照片")),
}
IDENTIFICATION: Mapping[str, Kind] = {
    "case_opened": Kind(_("立案")),
    "case_viewed": Kind(_("查看案件")),
    "case_clue_attached": Kind(_("线索并入案件")),
    "case_collected": Kind(_("提交采集信息")),
    "case_deliberated": Kind(_("记录民主评议")),
    "case_posted_up": Kind(_("张贴公示")),
    "case_objected": Kind(_("受理公示期异议")),
    "case_reported": Kind(_("公示期满报送")),
    "case_agreed": Kind(_("乡镇审核同意")),
    "case_approved": Kind(_("区县审定同意")),
    "case_refused": Kind(_("不予纳入监测")),
    "case_sent_back": Kind(_("退回案件")),
    "case_announced": Kind(_("公告纳入监测")),
    "case_rechecked": Kind(_("复查不予纳入的案件")),
    "case_help_first": Kind(_("先行帮扶")),
    "case_urged": Kind(_("催办案件")),
    "case_escalated": Kind(_("案件逾期上报")),
    "case_eliminated": Kind(_("风险消除")),
    "case_rolled_back": Kind(_("回退为监测对象")),
}
ELIMINATION: Mapping[str, Kind] = {
    "elimination_viewed": Kind(_("查看风险消除")),
    "elimination_proposed": Kind(_("提出风险消除")),
    "elimination_deliberated": Kind(_("记录风险消除评议")),
    "elimination_posted_up": Kind(_("张贴风险消除公示")),
    "elimination_objected": Kind(_("受理风险消除公示期异议")),
    "elimination_reported": Kind(_("风险消除公示期满报送")),
    "elimination_agreed": Kind(_("乡镇审核同意风险消除")),
    "elimination_approved": Kind(_("区县审定同意风险消除")),
    "elimination_refused": Kind(_("不予风险消除")),
    "elimination_sent_back": Kind(_("退回风险消除")),
    "elimination_announced": Kind(_("公告风险消除")),
    "elimination_followed_up": Kind(_("消除后跟踪监测")),
    "elimination_watch_ended": Kind(_("跟踪监测期满")),
    "relapse_reported": Kind(_("提出回退")),
    "relapse_confirmed": Kind(_("乡镇审核同意回退")),
    "relapse_denied": Kind(_("不予回退")),
    "elimination_rolled_back": Kind(_("区县审定回退")),
    "elimination_urged": Kind(_("催办风险消除")),
    "elimination_escalated": Kind(_("风险消除逾期上报")),
}
TELLING: Mapping[str, Kind] = {
    "sms_sent": Kind(_("发送短信")),
    "channel_added": Kind(_("设置消息推送")),
    "channel_ended": Kind(_("停用消息推送")),
    "relay_read": Kind(_("查看请转告的短信")),
}
KEEPING: Mapping[str, Kind] = {
    "field_key_rotated": Kind(_("换用新的字段密钥")),
    "field_key_retired": Kind(_("撤下旧的字段密钥")),
    "backup_made": Kind(_("备份数据")),
    "backup_restored": Kind(_("从备份恢复")),
}
ACTIONS: Mapping[str, Kind] = {
    **KEEPING,
    **TELLING,
    **SIGNING_IN,
    **ACCOUNTS,
    **READING,
    **EXCHANGE,
    **SCREENING,
    **CASEWORK,
    **IDENTIFICATION,
    **ELIMINATION,
}
PARTS: Mapping[str, Mapping[str, Kind]] = {
    gettext_noop("登录和退出"): SIGNING_IN,
    gettext_noop("账号和岗位"): ACCOUNTS,
    gettext_noop("查看"): READING,
    gettext_noop("交付和导出"): EXCHANGE,
    gettext_noop("筛查和政策"): SCREENING,
    gettext_noop("线索核实"): CASEWORK,
    gettext_noop("监测对象识别"): IDENTIFICATION,
    gettext_noop("风险消除"): ELIMINATION,
    gettext_noop("消息和外发"): TELLING,
    gettext_noop("密钥和备份"): KEEPING,
}

# What something may be done to: the name of a model, or a word of our own where there is no model.
SUBJECTS: Mapping[str, str] = {
    "user": _("账号"),
    "unknown_user": _("不存在的用户名"),
    "post": _("岗位"),
    "area": _("区域"),
    "household": _("农户"),
    "person": _("家庭成员"),
    "clue": _("线索"),
    "case": _("案件"),
    "elimination": _("风险消除"),
    "visit": _("入户核实"),
    "photo": _("照片"),
    "delivery": _("交付"),
    "upload": _("上传"),
    "screeningrun": _("筛查"),
    "parameter": _("政策参数"),
    "amendment": _("参数调整"),
    "rule": _("规则"),
    "list": _("清单"),
    "sms": _("短信"),
    "message": _("消息"),
    "channel": _("消息推送"),
    "page": _("页面"),
    "audit": _("审计记录"),
}
# Which attribute names one object of a model to people; others go by their key.
NAME_OF: Mapping[str, str] = {
    "user": "username",
    "household": "household_no",
    "clue": "number",
    "case": "number",
    "elimination": "number",
    "delivery": "label",
}
# What the details are called on the page; whatever is missing here is shown by its own name.
DETAILS: Mapping[str, str] = {
    "username": _("用户名"),
    "second_factor": _("动态口令"),
    "left": _("剩余恢复码"),
    "area": _("区域"),
    "duty": _("职责"),
    "department": _("部门"),
    "starts_on": _("任职起"),
    "ends_on": _("任职止"),
    "before": _("原任职止"),
    "reason": _("理由"),
    "method": _("方式"),
    "way": _("方式"),
    "phone": _("号码"),
    "status": _("答复"),
    "source": _("来源"),
    "file": _("文件"),
    "received_on": _("收到日期"),
    "delivery": _("交付"),
    "rows": _("行数"),
    "generation": _("第几代"),
    "line": _("行"),
    "verdict": _("认定结果"),
    "form": _("表单编号"),
    "accepted": _("接受"),
    "quarantined": _("待改正"),
    "as_of": _("截至日期"),
    "known_at": _("已收到截至"),
    "parameters": _("参数"),
    "valid_from": _("施行日期"),
    "document": _("依据文件"),
    "pack_version": _("政策包版本"),
    "households": _("户数"),
    "new": _("新增"),
    "updated": _("更新"),
    "standing": _("当日共有"),
    "field": _("内容"),
    "person": _("姓名"),
    "to": _("去向"),
    "into": _("并入"),
    "photos": _("照片数"),
    "clue": _("线索"),
    "files": _("文件数"),
    "size": _("大小"),
    "from": _("来自"),
    "state": _("状态"),
    "message": _("说明"),
    "search": _("条件"),
    "who": _("操作人"),
    "what": _("事项"),
    "where": _("区域"),
    "about": _("对象"),
    "day": _("日期"),
    "channel": _("渠道"),
    "reference": _("来源编号"),
    "risk": _("风险类型"),
}
