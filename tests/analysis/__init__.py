"""The mathematics against brute force: every algorithm has a twin that is slow, plain and exact."""
