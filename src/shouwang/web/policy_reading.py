"""The policy pack as the desk reads it."""


def rule_titles() -> dict[str, str]:
    """Titles of the rules by id, as the current pack names them."""
    return {}
