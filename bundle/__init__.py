"""Makes the installable web app, so that a branch server can serve it without any other server.

Everything comes from registry packages by name: the Flet client, CanvasKit and Pyodide from the
`flet-web` wheel, the Python packages as browser wheels. What is ours is the page, the service
worker, the icons and the font. `python -m bundle build --out build/webapp` does it all.
"""

# The font's families: see `bundle.font`.
FAMILY = "Fieldbook"
RARE_FAMILY = "FieldbookRare"
NONE_FAMILY = "FieldbookNone"
