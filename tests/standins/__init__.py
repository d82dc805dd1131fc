"""Servers on 127.0.0.1 that stand in for the APIs, in good hours and bad (`python -m tests.standins`)."""
