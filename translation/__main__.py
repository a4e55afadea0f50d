"""`python -m translation`: brings the English catalogue up to date and compiles it; ends with 1 where some is missing."""

import os
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwang.settings")

PACKAGE = Path(__file__).parents[1] / "src" / "shouwang"
CATALOGUE = PACKAGE / "locale" / "en" / "LC_MESSAGES" / "django.po"


def main() -> int:
    django.setup()
    from shouwang.policy.pack import load_pack
    from shouwang.sources.contract import contracts
    from translation.catalogue import as_text, compiled, faults, read, updated
    from translation.gather import gathered

    wanted, english = gathered(PACKAGE, load_pack(), contracts().values()), read(CATALOGUE)
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_bytes(as_text(updated(wanted, english)))
    CATALOGUE.with_suffix(".mo").write_bytes(compiled(CATALOGUE))
    missing = faults(wanted, read(CATALOGUE))
    print("\n".join([*missing, f"{len(wanted)} texts, {len(missing)} to mend"]))
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
