"""Proof under real faults: real processes, real files, a real network, and what breaks them."""
