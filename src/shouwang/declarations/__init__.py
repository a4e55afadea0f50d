"""农户自主申报: what somebody reports from a phone, until it is a clue of a household or was closed with a reason and a second consent."""
