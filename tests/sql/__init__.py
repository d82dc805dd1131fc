"""Every SQL model on a handful of rows made by hand; and what the recorded data must show."""
