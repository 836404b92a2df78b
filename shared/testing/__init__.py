"""Testing: what both sides' tests are built from, and the contract that every store must pass.

`builders` make records, operations and transactions; `strategies` make whatever the registry
declares; `memory` is the server's store as plainly as it can be written, `replica` the device's;
`store_contract` says what a server's store promises.
"""
