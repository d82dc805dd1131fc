"""Figures: pure functions from a frame to a Chart, one module a topic."""
