"""One module per API: fetches, checks the envelope, lands the bytes. Knows neither Dagster nor DuckDB."""
