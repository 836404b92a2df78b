"""The handlers: one small module per route family."""
