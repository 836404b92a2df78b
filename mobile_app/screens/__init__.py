"""Screens: one module per screen; each reads state and returns controls."""
