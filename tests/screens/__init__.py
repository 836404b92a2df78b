"""The real screens without a client: what they say, and what a tap on them does."""
