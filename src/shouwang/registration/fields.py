"""What the desk records of a household beside what departments deliver (DOMAIN B9). A new field is one line here.

Numbers are not negative; a sensitive field is sealed and never shown. Insurance, pension, schooling and work are not here: departments
deliver them, and a second record would only disagree.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from shouwang.kernel.citizen_id import mask_identity_numbers
from shouwang.kernel.errors import InputError

Kind = Literal["choice", "number", "text"]
LONGEST = 200
MOST_DIGITS = 9


@dataclass(frozen=True)
class Field:
    """One field: its name in the record, what it is called, of which kind, in which unit or of which choices."""

    name: str
    title: str | Promise
    kind: Kind
    unit: str | Promise = ""
    choices: tuple[str, ...] = ()
    sensitive: bool = False

    def read(self, text: str) -> str:
        """What somebody wrote, as it is kept. Raises InputError where it is none of the field's values."""
        value = " ".join(text.replace("\0", "").split())
        if self.kind == "choice" and value and value not in self.choices:
            raise InputError(_("{title}：“{value}”不在选项内").format(title=self.title, value=value), _("从选项中选择"))
        if len(value) > LONGEST:
            raise InputError(_("{title}超过{most}字").format(title=self.title, most=LONGEST), _("写得简短一些"))
        if self.kind == "number" and value:
            return self._number(value)
        return value if self.sensitive else mask_identity_numbers(value)

    def _number(self, value: str) -> str:
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal(-1)
        if not number.is_finite() or number < 0 or len(value) > MOST_DIGITS:
            raise InputError(
                _("{title}：“{value}”不是数").format(title=self.title, value=value), _("写成 3.5 这样，不能为负")
            )
        return f"{number.normalize():f}"


MU, KM = gettext_lazy("亩"), gettext_lazy("公里")
FIELDS: tuple[Field, ...] = (
    Field("house_area", gettext_lazy("住房面积"), "number", gettext_lazy("平方米")),
    Field(
        "house_structure",
        gettext_lazy("房屋结构"),
        "choice",
        choices=(
            gettext_noop("框架"),
            gettext_noop("砖混"),
            gettext_noop("砖木"),
            gettext_noop("土木"),
            gettext_noop("其他"),
        ),
    ),
    Field(
        "toilet",
        gettext_lazy("厕所"),
        "choice",
        choices=(gettext_noop("卫生厕所"), gettext_noop("旱厕"), gettext_noop("没有厕所")),
    ),
    Field(
        "road",
        gettext_lazy("入户路"),
        "choice",
        choices=(gettext_noop("硬化路"), gettext_noop("砂石路"), gettext_noop("泥土路")),
    ),
    Field("road_distance", gettext_lazy("离主干路距离"), "number", KM),
    Field(
        "fuel",
        gettext_lazy("主要燃料"),
        "choice",
        choices=(
            gettext_noop("电"),
            gettext_noop("燃气"),
            gettext_noop("煤"),
            gettext_noop("柴草"),
            gettext_noop("其他"),
        ),
    ),
    Field("farmland", gettext_lazy("耕地"), "number", MU),
    Field("forest", gettext_lazy("林地"), "number", MU),
    Field("orchard", gettext_lazy("果园"), "number", MU),
    Field("pasture", gettext_lazy("牧草地"), "number", MU),
    Field("water_surface", gettext_lazy("水面"), "number", MU),
    Field("returned_land", gettext_lazy("退耕还林"), "number", MU),
    Field("vehicles", gettext_lazy("车辆和农机"), "text"),
    Field("cooperative", gettext_lazy("加入的合作社"), "text"),
    Field("enterprise", gettext_lazy("带动的企业"), "text"),
    Field("bank_account", gettext_lazy("银行账号"), "text", sensitive=True),
)
BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}
