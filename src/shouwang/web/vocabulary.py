"""The words in which the desk speaks of codes: what a code means, and what a person does about it."""

from dataclasses import dataclass

from django.utils.translation import gettext, gettext_lazy

LEVELS = {
    "red": gettext_lazy("收入低于监测线，且另有收入以外的风险"),
    "orange": gettext_lazy("收入低于监测线，或同时有两类以上风险"),
    "yellow": gettext_lazy("发现一类风险，收入未低于监测线或尚无收入数据"),
}

LINKS = {
    "linked": (gettext_lazy("已对应"), gettext_lazy("按证件号码直接对应到登记人员")),
    "corrected": (
        gettext_lazy("更正后对应"),
        gettext_lazy("证件号码有一处笔误，只有一名登记人员能解释，更正依据已留存"),
    ),
    "review": (gettext_lazy("待人工认定"), gettext_lazy("有相近的登记人员，需要人来认定是不是同一人")),
    "unregistered": (gettext_lazy("未在册"), gettext_lazy("农户名册中没有此人；以后登记入册，本行自动生效")),
}


@dataclass(frozen=True)
class Reason:
    """Why a row waits in quarantine, and what whoever sent it does next."""

    title: str
    meaning: str
    advice: str


REASONS = {
    "missing_required": Reason(
        gettext_lazy("必填栏为空"),
        gettext_lazy("这一行缺少必须填写的内容。"),
        gettext_lazy("补齐空着的必填栏后，把这些行单独再报一次。"),
    ),
    "id_format": Reason(
        gettext_lazy("证件号码格式不对"),
        gettext_lazy("号码不是 18 位（或旧式 15 位），或夹有其他字符。"),
        gettext_lazy("对照本人证件改正后再报。"),
    ),
    "id_check_digit": Reason(
        gettext_lazy("证件号码校验不符"),
        gettext_lazy("最后一位与前 17 位算出的校验码对不上，多半是录错了一位。"),
        gettext_lazy("对照本人证件改正后再报。"),
    ),
    "id_birth_date": Reason(
        gettext_lazy("证件号码中的出生日期不存在"),
        gettext_lazy("号码第 7 至 14 位不是真实的日期，或晚于文件收到日期。"),
        gettext_lazy("对照本人证件改正后再报。"),
    ),
    "id_precision_lost": Reason(
        gettext_lazy("证件号码末几位已丢失"),
        gettext_lazy("表格软件把号码存成了数字，末几位变成 0，无法还原。"),
        gettext_lazy("从原系统重新导出，导出前把该列设为“文本”格式。"),
    ),
    "bad_date": Reason(
        gettext_lazy("日期读不懂"),
        gettext_lazy("日期写法无法确定是哪一天。"),
        gettext_lazy("写成 2024-03-05 这样的年月日后再报。"),
    ),
    "future_date": Reason(
        gettext_lazy("日期晚于收到日期"),
        gettext_lazy("已经发生的事，日期不应晚于文件收到的那天。"),
        gettext_lazy("核对日期；若收到日期填错，请联系上传人。"),
    ),
    "bad_amount": Reason(
        gettext_lazy("金额读不懂"),
        gettext_lazy("金额不是数字，或小数超过两位。"),
        gettext_lazy("以元为单位写成数字，最多两位小数。"),
    ),
    "negative_amount": Reason(
        gettext_lazy("金额为负"),
        gettext_lazy("这一栏不能是负数。"),
        gettext_lazy("核对后再报；冲销请按原业务单号重报更正后的金额。"),
    ),
    "unknown_code": Reason(
        gettext_lazy("不在规定的选项内"),
        gettext_lazy("这一栏只能填写文件规定的几个选项之一。"),
        gettext_lazy("改为规定的选项后再报。"),
    ),
    "unknown_division": Reason(
        gettext_lazy("行政区划代码查不到"),
        gettext_lazy("没有这个 12 位村级代码，或用了民政代码而不是统计用区划代码。"),
        gettext_lazy("查对统计用区划代码后再报。"),
    ),
    "inconsistent": Reason(
        gettext_lazy("几栏之间对不上"),
        gettext_lazy("同一行的几栏互相矛盾，例如各项之和不等于总额。"),
        gettext_lazy("与原始凭证核对后改正再报。"),
    ),
    "too_long": Reason(
        gettext_lazy("内容过长"),
        gettext_lazy("文字超过了允许的长度。"),
        gettext_lazy("删减后再报，必要时把详情另附说明。"),
    ),
}


def reason(code: str) -> Reason:
    """The words for a reason code; `bad_date:结算日期` carries the column or the rule between columns."""
    head, _, detail = code.partition(":")
    known = REASONS.get(head)
    if known is None:
        return Reason(code, "", "")
    return (
        Reason(gettext("{detail}：{title}").format(detail=detail, title=known.title), known.meaning, known.advice)
        if detail
        else known
    )
