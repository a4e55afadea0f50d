"""The demonstration's county sweeps its key groups, and the village has been to some of the homes."""

from datetime import date, timedelta

from shouwang.accounts.duties import Duty
from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.jobs.sweeps import sweep_requirements
from shouwang.sweeps import organising
from shouwang.sweeps.models import Campaign
from shouwang.sweeps.visiting import Found, record_sweep

LASTS = timedelta(days=30)
SWEPT = ["serious_illness", "no_labour", "open_clue"]
BEFORE = timedelta(days=200)
VISITED = 8  # homes; one in four has trouble
TROUBLE = "水管冻裂，半个月没有自来水，靠挑水吃"


def sweep(today: date) -> int:
    """One campaign that is over, one that is planned, and one under way with some homes visited; done again it does nothing."""
    county = User.objects.filter(demonstration=True, posts__duty=Duty.COUNTY).first()
    village = User.objects.filter(demonstration=True, posts__duty=Duty.VILLAGE).first()
    if county is None or village is None or Campaign.objects.exists():
        return Campaign.objects.count()
    office = Area.objects.get(post__user=county, post__duty=Duty.COUNTY)
    home = Area.objects.get(post__user=village, post__duty=Duty.VILLAGE)
    began = today - BEFORE
    first = organising.Order(county, sweep_requirements(began), began)
    over = organising.plan(office, organising.Plan("春季集中排查", SWEPT, [], began, began + LASTS), first)
    organising.start(over.number, first)
    ended = organising.Order(county, sweep_requirements(began + LASTS), began + LASTS)
    organising.close(over.number, ended, "其余农户长期在外，已电话联系")
    order = organising.Order(county, sweep_requirements(today), today)
    next_one = organising.Plan("冬季集中排查", SWEPT, [], today + LASTS, today + 2 * LASTS)
    organising.plan(office, next_one, order)
    told = organising.Plan("秋季集中排查", SWEPT, [], today, today + LASTS)
    made = organising.plan(office, told, order)
    organising.start(made.number, order)
    tasks = made.tasks.filter(area=home).order_by("household_id")[:VISITED]
    for place, task in enumerate(tasks):
        answers = {item.id: ("well", "") for item in order.requirements.items}
        if place % 4 == 3:
            answers["water"] = ("trouble", TROUBLE)
        record_sweep(
            task.pk,
            Found(today, answers),
            acting_user=village,
            requirements=order.requirements,
            on=today,
            known=frozenset(),
        )
    return Campaign.objects.count()
