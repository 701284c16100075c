"""Pages for a browser: one of a run, and a site of all models; no server, and nothing fetched from elsewhere."""

from verifier.report.html.page import run_page
from verifier.report.html.site import site_pages

__all__ = ["run_page", "site_pages"]
