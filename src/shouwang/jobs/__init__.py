"""Work that needs both halves: the lake and the casework. Nothing else imports both.

Outside Django's own processes call `shouwang.jobs.casework.connect(home)` first: it sets Django up on that home.
Then `jobs.register.load_register`, `jobs.deliveries.load_deliveries` and `jobs.clues.record_clues` may be imported.
"""
