"""The route table: every page's own table, in the order in which addresses are tried."""

from importlib import import_module

from console.web.asking import Route

# files of console/web/pages, each with a table ROUTES
PAGES: tuple[str, ...] = (
    "start", "today", "queues", "search", "exports", "certificate", "sign_in", "me", "users", "filings",
    "filing_desk", "filing_sheets", "operations", "parked_page", "audit_page",
    "interface", "submission", "desk", "desk_decisions", "registry", "enterprises", "policy", "policy_trials", "branch_calendar",
    "rule_packs",
)


def routes() -> tuple[Route, ...]:
    """All rows; raises ValueError when two share a name or an address."""
    found = tuple(route for page in PAGES for route in import_module(f"console.web.pages.{page}").ROUTES)
    for key in ("name", "address"):
        seen: set[object] = set()
        for route in found:
            value = route.name if key == "name" else (route.method, route.path)
            if value in seen:
                raise ValueError(f"two routes have the {key} {value}")
            seen.add(value)
    return found
