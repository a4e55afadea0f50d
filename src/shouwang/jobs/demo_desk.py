"""What the demonstration's users did at the desk beside handling clues: a file brought in, values proposed and decided.

Everything goes through the same doors as theirs. Done again it does nothing.
"""

import secrets
from datetime import date, timedelta
from pathlib import Path

from shouwang.accounts.duties import Duty
from shouwang.accounts.models import User
from shouwang.amendments.deciding import current_whatif
from shouwang.amendments.flow import Step
from shouwang.amendments.models import Amendment
from shouwang.areas.models import Area
from shouwang.exchange.models import Upload
from shouwang.exchange.spool import SealedUpload, SealedWriter, spool_folder
from shouwang.jobs import policy_amendments, policy_whatif, uploads
from shouwang.jobs.policy import current_pack
from shouwang.kernel.home import Home

DOCUMENT = "关于做好防止返贫监测工作的通知（演示）"
HANDED_IN = timedelta(days=3)  # before today


def department_county() -> str | None:
    """The county (6 digits) of the demonstration's user in a department; None where there is no such user."""
    area = Area.objects.filter(post__user__demonstration=True, post__duty=Duty.DEPARTMENT).first()
    return area.scope if area else None


def bring_in(home: Home, source: str, path: Path, today: date) -> Upload | None:
    """The department's user brings in a file of the own county, and it is read; None where there is no such user.

    Raises:
        InputError: the file is refused as such.
    """
    user = User.objects.filter(demonstration=True, posts__duty=Duty.DEPARTMENT).first()
    if user is None:
        return None
    if before := Upload.objects.filter(user=user, state=Upload.State.DONE).first():
        return before
    sealer = home.sealer()
    writer = SealedWriter(spool_folder() / f"{secrets.token_hex(16)}.sealed", sealer)
    writer.write(path.read_bytes())
    writer.finish()
    with SealedUpload(writer.path, sealer, path.name, writer.size) as file:
        upload = uploads.take_in(file, acting_user=user, source=source, received_on=today - HANDED_IN)
    uploads.read_upload.call(upload.pk)
    upload.refresh_from_db()
    return upload


def propose_values(today: date) -> int:
    """One value of each state: accepted, refused, and two that wait for the city; returns how many there are now."""
    users = User.objects.filter(demonstration=True)
    county, city = (users.filter(posts__duty=duty).first() for duty in (Duty.COUNTY, Duty.CITY))
    if county is None or city is None:
        return 0
    year = date(today.year + 1, 1, 1)
    line = _proposed(county, "income.monitoring_line", "7000", year, "第二条", "物价上涨，建议相应提高监测范围")
    _decide(line, Step.ACCEPT, city, "同意，自明年起执行")
    urged = _proposed(county, "deadline.urged", "5个工作日", year, "第四条", "催办后重新安排入户需要时间")
    _decide(urged, Step.REJECT, city, "已经逾期，不宜再放宽")
    _proposed(county, "deadline.village", "5天", year, "第四条", "山区村组分散，三天走不完")
    _proposed(county, "deadline.township_review", "2个工作日", year, "第四条", "周末值班人手不足，建议按工作日计")
    for waiting in Amendment.objects.filter(state=Amendment.State.PROPOSED):
        _try(waiting)
    return Amendment.objects.count()


def _proposed(user: User, parameter: str, value: str, since: date, clause: str, reason: str) -> Amendment:
    key = f"demo-{parameter}"
    return Amendment.objects.filter(proposed_by=user, key=key).first() or policy_amendments.propose(
        parameter,
        value,
        since,
        acting_user=user,
        document=DOCUMENT,
        document_number="",
        clause=clause,
        reason=reason,
        key=key,
    )


def _try(amendment: Amendment) -> None:
    """Works the what-if out at once, where an installation leaves it to its worker."""
    if current_whatif(amendment, current_pack().version) is None:
        whatif = policy_whatif.ask_for_whatif(amendment, acting_user=amendment.proposed_by)
        policy_whatif.run_whatif.call(whatif.pk)


def _decide(amendment: Amendment, step: Step, user: User, opinion: str) -> None:
    if amendment.state == Amendment.State.PROPOSED:
        _try(amendment)
        policy_amendments.decide(amendment.pk, step, acting_user=user, reason=opinion)
