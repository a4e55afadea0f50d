"""Who did what, when, from where: a chain of entries that nobody can change unnoticed (docs/decisions/0006).

`record.record` writes an entry inside the transaction of the change it speaks of; `anchors` notes the chain's head outside
the database; `verification` names the first place where the two no longer agree.
"""
