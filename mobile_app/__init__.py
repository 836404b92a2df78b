"""The device side of Fieldbook: screens, state and the encrypted store."""
