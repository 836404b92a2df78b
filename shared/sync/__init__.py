"""The sync core: what a device and the server say to each other, and what they decide.

Pure on both sides: no IO, no clock, no randomness. `protocol` has the messages, `change` what a
user's act becomes, `merge` the rule per field, `session` the device's side of a conversation,
`arbiter` the server's decision on one operation. docs/sync-protocol.md tells the whole story.
"""
