"""The site: static pages in two languages, made from the published file alone.

A new figure: its query as a function in `data/<topic>.py`; a pure function of the frame and the language in
`figures/<topic>.py` that gives a Chart, or `nothing(...)` with the reason; its texts under the same key in
`locales/en/<topic>.toml` and `locales/zh/<topic>.toml`; one line in a Section of `pages/<topic>.py`. Columns
of shares end in `_share`, so that tables write them in percent. `python -m dashboards.build FILE FOLDER
--only TOPIC` shows it.

A new page: a module of `pages` with `build(release, t) -> Page`, its name in `build.PAGES`, and a line in
`pages/overview.py` (ELSEWHERE) with its texts `overview.look.*`.
"""
