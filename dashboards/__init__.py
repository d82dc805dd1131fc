"""The site: pages from the published tables. Reads the release's file and nothing else."""
