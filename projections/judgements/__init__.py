"""Answers of the read models: what the owner asked of their time, as of an instant. Values ready for printing.

Only what happened until `as_of_ms` counts; later meetings are plans. Every entry names the log positions behind it.
Nothing is imported here: each question loads its own module and no other.
"""
