"""Commission: what a sale pays, to the fen, on the device and on the server by the same code.

Start at `engine`. `rules` and `facts` are what goes in; `qualify`, `split`, `tiers`, `period` and
`clawback` are the pipeline; `entries`, `trace`, `ledger` and `statement` are what comes out;
`scenario` runs all of it from a file.
"""
