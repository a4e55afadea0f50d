"""What must hold whatever people do: no clue is lost, numbers have no gaps, no way leads round the county or the flags."""

from collections import defaultdict

from shouwang.accounts.models import Post
from shouwang.clues.flow import LEVEL_OF
from shouwang.clues.models import Clue, Finding


def check_nothing_is_lost(numbers: set[str]) -> None:
    """Each clue is on one desk of the right level with a clock, or handled with one that is, or closed with an outcome."""
    clues = {clue.number: clue for clue in Clue.objects.select_related("desk", "merged_into").prefetch_related("steps")}
    assert set(clues) == numbers
    for clue in clues.values():
        steps = sorted(clue.steps.all(), key=lambda step: step.number)
        assert [step.number for step in steps] == list(range(1, clue.version + 1))
        assert steps[-1].stage_to == clue.stage
        assert all(before.stage_to == after.stage_from for before, after in zip(steps, steps[1:], strict=False))
        if clue.stage == "closed":
            assert clue.state in ("confirmed", "dismissed")
            assert (clue.dismissed_on is not None) == (clue.state == "dismissed")
            assert clue.due_on is None
        elif clue.stage == "merged":
            assert clue.state == "open"
            assert clue.merged_into is not None
            assert clue.merged_into.stage not in ("closed", "merged")
        else:
            assert clue.state == "open"
            assert clue.desk is not None
            assert clue.desk.level == LEVEL_OF[clue.stage]
            assert clue.due_on is not None


def check_numbers_have_no_gaps() -> None:
    """The clues of a household are 01, 02, 03 …; as many as there are, each once."""
    by_household = defaultdict(list)
    for number, household in Clue.objects.values_list("number", "household_id"):
        assert number.startswith(f"{household}-"), number
        by_household[household].append(int(number.removeprefix(f"{household}-")))
    for household, numbers in by_household.items():
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), household


def check_red_went_through_the_county() -> None:
    """Every red clue that is closed was agreed by the township, then by somebody else of the county."""
    for clue in Clue.objects.filter(stage="closed", level="red").select_related("merged_into"):
        agreed = list((clue.merged_into or clue).steps.filter(action="agree").order_by("number"))
        assert len(agreed) >= 2, clue.number
        township, county = agreed[-2:]
        assert (township.stage_from, county.stage_from) == ("township_review", "county_review"), clue.number
        assert county.actor_id != township.actor_id, clue.number
        assert Post.objects.filter(user=county.actor, duty="county").exists(), clue.number


def check_every_flag_was_answered() -> None:
    """A dismissed clue has an answer to each of its review flags, in words, and a visit to rest on."""
    for clue in Clue.objects.filter(state="dismissed").select_related("merged_into"):
        finding = Finding.objects.filter(clue=clue.merged_into or clue).first()
        assert finding is not None, clue.number
        assert finding.clue.visits.exists(), clue.number
        answered = {(each["source"], each["delivery"], each["line"]): each["answer"] for each in finding.answers}
        for flag in clue.flags:
            assert answered.get((flag["source"], flag["delivery"], flag["line"])), clue.number


def check_everything(numbers: set[str]) -> None:
    check_nothing_is_lost(numbers)
    check_numbers_have_no_gaps()
    check_red_went_through_the_county()
    check_every_flag_was_answered()
