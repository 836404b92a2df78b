"""The branch server: takes field work in, decides on it once, and tells everyone concerned."""
