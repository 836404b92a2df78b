"""What device and server hold in common: pure code; no IO, no clock, no randomness of its own."""
