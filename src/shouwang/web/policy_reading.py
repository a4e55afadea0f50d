"""The policy pack as the desk's other pages need it."""

from shouwang.jobs.policy_words import pack_words


def rule_titles() -> dict[str, str]:
    """Titles of the rules by id, as the current pack names them."""
    return {name: rule.title for name, rule in pack_words().rules.items()}
