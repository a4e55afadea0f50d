"""How each department writes its file: format, encoding, headers, dates, amounts, what stands around the table."""

from dataclasses import dataclass, field

XLSX_ROWS = 5000
"""Departments send a workbook up to so many rows and a text file above."""

ISO, SLASH, DOTTED, COMPACT, CHINESE = "%Y-%m-%d", "%Y/%-m/%-d", "%Y.%-m.%-d", "%Y%m%d", "%Y年%-m月%-d日"
DATE_STYLES = (ISO, SLASH, DOTTED, COMPACT, CHINESE)
PLAIN, THOUSANDS, WITH_UNIT, FULL_WIDTH = "plain", "thousands", "unit", "full-width"


@dataclass(frozen=True)
class Habit:
    """One department's way. `headers` and `extra` are by field and by column title.

    `workbook`: sends .xlsx while the rows are few. `margin`: the table begins in the second column.
    """

    encoding: str = "utf-8"
    separator: str = ","
    workbook: bool = False
    parquet: bool = False
    title: bool = False
    margin: bool = False
    dates: str = ISO
    amounts: str = PLAIN
    headers: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    numbered: bool = False
    closing: str = ""
    apostrophe: bool = False


TOTAL, SIGNED = "合计", "填表人：演示人员（合成数据）"

HABITS = {
    "household_register": Habit(
        encoding="gb18030", headers={"id_number": "身份证号码", "division_code": "村代码", "phone": "手机号码"}
    ),
    "income_statement": Habit(
        encoding="gb18030", title=True, amounts=THOUSANDS, headers={"household_no": "农户编号"}, closing=SIGNED
    ),
    "medical_settlement": Habit(
        dates=COMPACT, headers={"id_number": "公民身份号码", "name": "人员姓名", "total_cost": "医疗费用总额"},
        extra={"统筹区": "重庆市"},
    ),
    "medical_enrolment": Habit(encoding="utf-8-sig", headers={"id_number": "公民身份号码", "name": "人员姓名"}),
    "social_assistance": Habit(
        encoding="gb18030", workbook=True, title=True, dates=CHINESE, headers={"id_number": "身份证号"}, numbered=True
    ),
    "school_roll": Habit(encoding="gb18030", separator=";", dates=SLASH, headers={"id_number": "身份证号"}),
    "disability_certificate": Habit(
        encoding="utf-8-sig", workbook=True, apostrophe=True, headers={"id_number": "身份证号码"},
        extra={"备注": ""},
    ),
    "employment_record": Habit(
        encoding="utf-8-sig", separator="\t", dates=DOTTED, amounts=WITH_UNIT, headers={"employer": "务工单位"}
    ),
    "housing_appraisal": Habit(workbook=True, title=True, margin=True, dates=DOTTED, numbered=True),
    "water_fault": Habit(workbook=True, title=True, headers={"division_code": "区划代码"}, closing=SIGNED),
    "disaster_report": Habit(
        encoding="gb18030", workbook=True, title=True, numbered=True, closing=TOTAL, amounts=THOUSANDS
    ),
    "accident_report": Habit(separator=";", dates=CHINESE),
    "vital_event": Habit(encoding="gb18030", workbook=True, dates=SLASH, headers={"name": "人员姓名"}),
    "asset_record": Habit(parquet=True),
    "industry_setback": Habit(workbook=True, title=True, amounts=FULL_WIDTH, closing=TOTAL, dates=CHINESE),
    "hotline_complaint": Habit(encoding="utf-8-sig", workbook=True, dates=ISO, headers={"division_code": "行政区划代码"}),
}  # fmt: skip
"""By source; what is not said is UTF-8 text with commas."""
