"""Every example case of every rule, through the real engine."""

import pytest

from shouwang.policy.pack import Pack, load_pack
from shouwang.screening.cases import Case, CaseFault, load_cases, run_cases


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack()


@pytest.fixture(scope="module")
def faults(pack: Pack) -> dict[str, CaseFault]:
    return {fault.case.id: fault for fault in run_cases(pack, load_cases(pack))}


@pytest.mark.parametrize("case", load_cases(load_pack()), ids=lambda case: case.id)
def test_case_comes_out_as_expected(case: Case, faults: dict[str, CaseFault]) -> None:
    assert case.id not in faults, faults[case.id].words()


def test_a_case_with_the_wrong_answer_is_found(pack: Pack) -> None:
    from dataclasses import replace

    case = load_cases(pack)[0]
    assert [fault.case for fault in run_cases(pack, [replace(case, fires=not case.fires)])] != []
