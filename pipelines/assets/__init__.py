"""Thin Dagster assets by layer: window, fetch, write, result. Everything they call runs without Dagster."""
