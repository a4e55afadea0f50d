"""Synthetic people, their lives month by month, and what the departments would have sent about them.

No person here is real: numbers are made by the rules of the standard, names from lists, phones from a series that is
marked, addresses end with （合成数据）. The product never imports this part and never reads the truth it writes.
"""
