"""Cambrian's pipeline: from what the APIs answer to one release of tables and pages."""
