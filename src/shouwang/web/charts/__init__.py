"""Charts drawn on the server as SVG: the figures here, the marks in `templates/desk/charts`."""
