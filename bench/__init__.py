"""`make bench`: this machine's figures beside the ones to hold, as ratios where they compare."""
