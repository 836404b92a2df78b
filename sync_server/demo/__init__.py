"""The demo bank: a synthetic branch with its people, customers and ninety days of work.

Everything follows from a seed and a day, so a demo, a test and a benchmark all speak of the same
bank, and nothing in it belongs to anyone.
"""

from sync_server.demo.bank import Bank, make_bank, story_customer, story_daughter
from sync_server.demo.history import field_work

__all__ = ["Bank", "field_work", "make_bank", "story_customer", "story_daughter"]
