"""Everything that the audit can say, with its Chinese: actions, types of subjects, and what details mean.

An action that is not here cannot be recorded. A code is never reused for something else: old entries keep their meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """What an action is called; `is_refusal` for those that are a refusal by themselves."""

    title: str
    is_refusal: bool = False


SIGNING_IN: Mapping[str, Kind] = {
    "logged_in": Kind("登录"),
    "logged_out": Kind("退出"),
    "login_refused": Kind("登录失败：用户名或密码不正确", is_refusal=True),
    "login_made_to_wait": Kind("登录失败：连续输错，须等待", is_refusal=True),
    "code_refused": Kind("登录失败：动态口令不正确", is_refusal=True),
}
ACCOUNTS: Mapping[str, Kind] = {
    "user_added": Kind("建立账号"),
    "user_changed": Kind("修改账号"),
    "user_disabled": Kind("停用账号"),
    "user_enabled": Kind("启用账号"),
    "users_imported": Kind("批量建立账号"),
    "post_added": Kind("设置岗位"),
    "post_changed": Kind("修改岗位"),
    "post_revoked": Kind("撤销岗位"),
    "password_changed": Kind("修改密码"),
    "password_reset": Kind("重置密码"),
    "sessions_ended": Kind("结束全部登录"),
    "second_factor_set_up": Kind("启用动态口令"),
    "second_factor_removed": Kind("停用动态口令"),
    "recovery_codes_renewed": Kind("更换恢复码"),
    "recovery_code_used": Kind("使用恢复码"),
}
READING: Mapping[str, Kind] = {
    "household_viewed": Kind("查看农户"),
    "clue_viewed": Kind("查看线索"),
    "household_explained": Kind("查询一户的筛查说明"),
    "value_unmasked": Kind("查看脱敏内容原文"),
    "quarantine_viewed": Kind("查看待改正的行"),
    "review_viewed": Kind("查看待认定的行"),
    "audit_searched": Kind("查询审计记录"),
    "access_refused": Kind("访问被拒绝", is_refusal=True),
}
EXCHANGE: Mapping[str, Kind] = {
    "file_uploaded": Kind("上传部门文件"),
    "file_ingested": Kind("读入部门文件"),
    "file_refused": Kind("部门文件未被接收", is_refusal=True),
    "quarantine_exported": Kind("导出待改正的行"),
    "list_exported": Kind("导出清单"),
    "clues_exported": Kind("导出线索清单"),
    "quarantine_mended": Kind("改正隔离的行"),
    "link_decided": Kind("认定一行属于谁"),
    "link_undone": Kind("撤销认定"),
}
SCREENING: Mapping[str, Kind] = {
    "screening_asked": Kind("发起筛查"),
    "screening_recorded": Kind("筛查结果记入线索"),
    "whatif_run": Kind("试算政策参数"),
    "parameter_proposed": Kind("提出政策参数建议"),
    "parameter_decided": Kind("审定政策参数建议"),
    "parameter_declined": Kind("不同意政策参数建议"),
    "parameter_withdrawn": Kind("撤回政策参数建议"),
}
CASEWORK: Mapping[str, Kind] = {
    "clue_dispatched": Kind("下发线索"),
    "clue_returned": Kind("退回线索"),
    "clue_reassigned": Kind("改派线索"),
    "clue_merged": Kind("合并线索"),
    "clue_separated": Kind("拆分线索"),
    "clue_urged": Kind("催办线索"),
    "dispatch_rule_set": Kind("制定下发规则"),
    "dispatch_rule_ended": Kind("撤销下发规则"),
    "clue_escalated": Kind("线索逾期上报"),
    "visit_recorded": Kind("记录入户核实"),
    "visit_changed": Kind("修改入户核实"),
    "finding_submitted": Kind("报送核实结果"),
    "dismissal_proposed": Kind("建议排除线索"),
    "finding_agreed": Kind("同意核实结果"),
    "finding_sent_back": Kind("核实结果退回"),
    "red_clue_confirmed": Kind("复核红色线索"),
    "clue_dismissed": Kind("排除线索"),
    "clue_confirmed": Kind("确认线索属实"),
    "photo_added": Kind("上传核实照片"),
    "photo_viewed": Kind("查看核实照片"),
}
ACTIONS: Mapping[str, Kind] = {**SIGNING_IN, **ACCOUNTS, **READING, **EXCHANGE, **SCREENING, **CASEWORK}
PARTS: Mapping[str, Mapping[str, Kind]] = {
    "登录和退出": SIGNING_IN,
    "账号和岗位": ACCOUNTS,
    "查看": READING,
    "交付和导出": EXCHANGE,
    "筛查和政策": SCREENING,
    "线索核实": CASEWORK,
}

# What something may be done to: the name of a model, or a word of our own where there is no model.
SUBJECTS: Mapping[str, str] = {
    "user": "账号",
    "unknown_user": "不存在的用户名",
    "post": "岗位",
    "area": "区域",
    "household": "农户",
    "person": "家庭成员",
    "clue": "线索",
    "visit": "入户核实",
    "photo": "照片",
    "delivery": "交付",
    "upload": "上传",
    "screeningrun": "筛查",
    "parameter": "政策参数",
    "amendment": "参数调整",
    "rule": "规则",
    "list": "清单",
    "page": "页面",
    "audit": "审计记录",
}
# Which attribute names one object of a model to people; others go by their key.
NAME_OF: Mapping[str, str] = {
    "user": "username",
    "household": "household_no",
    "clue": "number",
    "delivery": "label",
}
# What the details are called on the page; whatever is missing here is shown by its own name.
DETAILS: Mapping[str, str] = {
    "username": "用户名",
    "second_factor": "动态口令",
    "left": "剩余恢复码",
    "area": "区域",
    "duty": "职责",
    "department": "部门",
    "starts_on": "任职起",
    "ends_on": "任职止",
    "before": "原任职止",
    "reason": "理由",
    "method": "方式",
    "status": "答复",
    "source": "来源",
    "file": "文件",
    "received_on": "收到日期",
    "delivery": "交付",
    "rows": "行数",
    "line": "行",
    "verdict": "认定结果",
    "form": "表单编号",
    "accepted": "接受",
    "quarantined": "待改正",
    "as_of": "截至日期",
    "known_at": "已收到截至",
    "parameters": "参数",
    "valid_from": "施行日期",
    "document": "依据文件",
    "pack_version": "政策包版本",
    "households": "户数",
    "new": "新增",
    "updated": "更新",
    "standing": "当日共有",
    "field": "内容",
    "person": "姓名",
    "to": "去向",
    "into": "并入",
    "photos": "照片数",
    "from": "来自",
    "state": "状态",
    "message": "说明",
    "search": "条件",
    "who": "操作人",
    "what": "事项",
    "where": "区域",
    "about": "对象",
    "day": "日期",
}
