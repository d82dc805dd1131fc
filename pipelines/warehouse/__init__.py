"""The only code that writes with DuckDB: connection, registers, SQL models, checks, release."""
