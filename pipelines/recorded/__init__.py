"""The recording that the repository ships, and the script that composed it."""
