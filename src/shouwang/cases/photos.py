"""Photos and scans that belong to a case: of the signed consent, and of notices that hang."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from shouwang.cases.models import Case, CasePhoto, Collection, Proof
from shouwang.clues.photos import AT_MOST, Drawn, redraw, seal_photo
from shouwang.kernel.errors import InputError


def redrawn(pictures: Sequence[bytes], at_least: int, what: str) -> list[Drawn]:
    """Pictures drawn anew before anything is written.

    Raises:
        InputError: they are fewer or more than may be, or one cannot be read.
    """
    if len(pictures) < at_least:
        raise InputError(
            _("{what}须附 {least} 张以上照片或扫描件，现有 {count} 张").format(
                what=what, least=at_least, count=len(pictures)
            ),
            _("拍照后再提交"),
        )
    if len(pictures) > AT_MOST:
        raise InputError(_("一次最多 {at_most} 张照片").format(at_most=AT_MOST), _("选最能说明情况的几张"))
    return [redraw(each) for each in pictures]


def keep_all(
    drawn: Sequence[Drawn], case: Case, *, collection: Collection | None = None, proof: Proof | None = None
) -> list[CasePhoto]:
    """Seals pictures in the home and notes them for what they belong to; for another record its caller does."""
    return [
        CasePhoto.objects.create(
            case=case,
            collection=collection,
            proof=proof,
            name=seal_photo(each),
            width=each.width,
            height=each.height,
            size=len(each.content),
        )
        for each in drawn
    ]
