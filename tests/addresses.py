"""Every address of the site and who may use it: written down once more, independently of the code, for the tests.

An address that is missing here, or that names something without saying what, fails the suite
(`tests/access/test_access_matrix.py`).
"""

from dataclasses import dataclass

CASEWORK = "city county township village department enumerator grid_worker resident_team"
FILES = "city county department"
OFFICES = "city county"
LEVELS = "city county township village"
VISITING = "village enumerator grid_worker resident_team"
LOOKING = "city county township village enumerator grid_worker resident_team"
GIVING = "city county township security_admin"
SWEEPING = "city county township village enumerator grid_worker resident_team"
REPORTED = "city county township village resident_team"
ANYONE, SIGNED_IN = "anyone", "signed in"


@dataclass(frozen=True)
class Address:
    """Who reads, who sends (duties, or anyone, or signed in; nothing: nobody), and what the arguments name."""

    reading: str = ""
    sending: str = ""
    about: str = ""


def holds(duty: str, key: str) -> bool:
    """Whether somebody of this duty, who is signed in, may do what an address says of reading or sending."""
    return key in (ANYONE, SIGNED_IN) or duty in key.split()


ADDRESSES: dict[str, Address] = {
    "login": Address(ANYONE, ANYONE),
    "login-code": Address(ANYONE, ANYONE),
    "logout": Address(sending=SIGNED_IN),
    "language": Address(sending=ANYONE),
    "account": Address(SIGNED_IN),
    "password": Address(SIGNED_IN, SIGNED_IN),
    "second-factor": Address(SIGNED_IN, SIGNED_IN),
    "second-factor-remove": Address(sending=SIGNED_IN),
    "recovery-codes": Address(sending=SIGNED_IN),
    "sessions-end": Address(sending=SIGNED_IN),
    "users": Address(GIVING),
    "user-new": Address(GIVING, GIVING),
    "users-sheet": Address(GIVING, GIVING),
    "users-template": Address(GIVING),
    "user": Address(GIVING, about="account"),
    "user-password": Address(sending=GIVING, about="account"),
    "user-second-factor": Address(sending=GIVING, about="account"),
    "user-sessions": Address(sending=GIVING, about="account"),
    "post-give": Address(sending=GIVING, about="account"),
    "post-end": Address(sending=GIVING, about="post"),
    "post-move": Address(sending=GIVING, about="post"),
    "home": Address(SIGNED_IN),
    "today": Address(CASEWORK),
    "overview": Address(SIGNED_IN),
    "overview-area": Address(SIGNED_IN, about="area"),
    "statistics": Address(CASEWORK),
    "statistics-area": Address(CASEWORK, about="area"),
    "statistics-sheet": Address("city county department", about="area"),
    "precision": Address(CASEWORK),
    "precision-area": Address(CASEWORK, about="area"),
    "worklist": Address(CASEWORK),
    "clue": Address(CASEWORK, about="clue"),
    "worklist-sheet": Address("city county department"),
    "clues-pick": Address(sending="city county township"),
    "clues-help-first": Address(sending="township"),
    "clues-dispatch": Address("city county township", "city county township"),
    "clue-rules": Address("city county township", "city county township"),
    "view-keep": Address(sending=CASEWORK),
    "view-drop": Address(sending=CASEWORK, about="view"),
    "clue-move": Address(sending="city county township village resident_team", about="clue"),
    "clue-visit": Address(VISITING, VISITING, about="clue"),
    "clue-finding": Address("village resident_team", "village resident_team", about="clue"),
    "clue-review": Address(sending="county township", about="clue"),
    "cases": Address(CASEWORK),
    "case": Address(CASEWORK, about="case"),
    "case-collect": Address("village resident_team", "village resident_team", about="case"),
    "case-move": Address(sending="city county township village resident_team", about="case"),
    "declarations": Address(REPORTED),
    "declaration": Address(REPORTED, REPORTED, about="declaration"),
    "declaration-new": Address(REPORTED, REPORTED),
    "declaration-move": Address(sending=REPORTED, about="declaration"),
    "declaration-photo": Address(REPORTED, about="declaration_photo"),
    "posters": Address(REPORTED),
    "report": Address(ANYONE, ANYONE, about="poster_village"),
    "report-code": Address(ANYONE, ANYONE, about="ticket"),
    "report-receipt": Address(ANYONE, about="receipt"),
    "report-state": Address(ANYONE, ANYONE),
    "report-appeal": Address(sending=ANYONE),
    "cases-decide": Address(sending="county township"),
    "case-paper": Address(CASEWORK, about="case_paper"),
    "notice-paper": Address(CASEWORK, about="notice"),
    "publicity": Address(CASEWORK, "village resident_team"),
    "board": Address(ANYONE, about="poster_village"),
    "board-objection": Address(ANYONE, ANYONE, about="standing_notice"),
    "case-photo": Address(CASEWORK, about="case_photo"),
    "notice-proof": Address(sending="village resident_team", about="notice"),
    "notice-down": Address(sending="village resident_team", about="notice"),
    "plans": Address(LOOKING),
    "plans-decide": Address(sending="county township"),
    "plan": Address(LOOKING, about="plan"),
    "plan-draft": Address("village resident_team", "village resident_team", about="plan"),
    "plan-move": Address(sending="city county township village resident_team", about="plan"),
    "follow-up": Address(VISITING, VISITING, about="plan"),
    "follow-up-photo": Address(CASEWORK, about="help_photo"),
    "contacts": Address(LOOKING, "township village resident_team"),
    "contact-phone": Address(sending=LEVELS, about="contact"),
    "tasks": Address(f"{LOOKING} department"),
    "task": Address(f"{LOOKING} department", about="task"),
    "task-move": Address(sending="city county township village resident_team department", about="task"),
    "needs": Address(f"{LOOKING} social_force"),
    "need": Address(f"{LOOKING} social_force", about="need"),
    "need-move": Address(sending="city county township village resident_team social_force", about="need"),
    "organisations": Address("county", "county"),
    "elimination-propose": Address(CASEWORK, "village resident_team", about="case"),
    "eliminations": Address(CASEWORK),
    "elimination": Address(CASEWORK, about="elimination"),
    "elimination-move": Address(sending=f"city county township resident_team {VISITING}", about="elimination"),
    "sweeps": Address(SWEEPING),
    "sweep-new": Address("city county township", "city county township"),
    "sweep": Address(SWEEPING, about="sweep"),
    "sweep-move": Address(sending="city county township", about="sweep"),
    "sweep-task": Address(SWEEPING, VISITING, about="sweep_task"),
    "photo": Address(CASEWORK, about="photo"),
    "households": Address(CASEWORK, LEVELS),
    "household": Address(CASEWORK, about="household"),
    "register-requests": Address(CASEWORK),
    "register-sheet": Address(sending="city county township"),
    "register-request": Address(CASEWORK, about="register_request"),
    "register-request-move": Address(sending="city county township village resident_team", about="register_request"),
    "register-request-new": Address("village resident_team", "village resident_team", about="household"),
    "household-report": Address(VISITING, VISITING, about="household"),
    "household-facts": Address("village resident_team", "village resident_team", about="household"),
    "defects": Address(CASEWORK),
    "defects-sheet": Address("city county department"),
    "unmask": Address(LEVELS, LEVELS, about="person"),
    "deliveries": Address(CASEWORK),
    "review": Address("city county township village"),
    "review-row": Address("city county township village", "city county township village", about="waiting_row"),
    "delivery": Address(FILES, about="delivery"),
    "quarantine-download": Address(FILES, about="quarantine"),
    "mend": Address(FILES, FILES, about="quarantine"),
    "upload": Address(FILES, FILES),
    "upload-state": Address(FILES, about="upload"),
    "screenings": Address(OFFICES, OFFICES),
    "screening-state": Address(OFFICES, about="run"),
    "policy": Address(SIGNED_IN),
    "rule": Address(SIGNED_IN, about="rule"),
    "parameter": Address(SIGNED_IN, OFFICES, about="parameter"),
    "amendment": Address(OFFICES, about="amendment"),
    "amendment-whatif": Address(sending=OFFICES, about="amendment"),
    "amendment-step": Address(sending=OFFICES, about="amendment"),
    "inbox": Address(SIGNED_IN),
    "message": Address(SIGNED_IN, about="message"),
    "outputs": Address(LEVELS, LEVELS),
    "output": Address(LEVELS, about="export"),
    "output-decide": Address(sending=LEVELS, about="export"),
    "output-take": Address(sending=LEVELS, about="export"),
    "channels": Address(SIGNED_IN, SIGNED_IN),
    "messages-read": Address(sending=SIGNED_IN),
    "audit": Address("auditor"),
    "system": Address("system_admin"),
    "components": Address(SIGNED_IN),
}
