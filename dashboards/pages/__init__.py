"""Pages: one module a page, each a question and a list of sections; headlines.py has their cards."""
