"""Adapters: what the bank's other systems say, read from files and taken into the record.

Theory of operation. A file is read as text in one pass that finds its encoding, and in a second one
line by line (`text`, `lines`), so that its size costs time and no memory. Each line is read by the
columns of its kind (`cells`, `columns`) and is good or refused by itself. Good ones are written a
chunk at a time, each chunk in one transaction (`kinds`, `load`); what a line came to is counted in
a report, and told by its number where someone should look (`report`).

Every line says which thing it is about, so that a file that was broken off, repaired or sent twice
is simply read again: what is known already stays as it is.
"""
