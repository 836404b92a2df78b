"""Customers as the server alone makes them: what it derives before a record is shared."""
