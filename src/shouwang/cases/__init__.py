"""Cases: from a confirmed clue to a household that is included in monitoring, by the statutory procedure, or refused."""
