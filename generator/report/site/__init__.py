"""The page of the fleet, which `servegen site` writes: one HTML file without a server and without outside resources.

`build` makes a frozen model from a fleet, `encode` its compact JSON, and `page` the file. `site.html.j2`, `site.css`
and `site.js` beside them are the page itself.
"""

from generator.report.site.build import SiteSources, build_site
from generator.report.site.page import render_page

__all__ = ["SiteSources", "build_site", "render_page"]
