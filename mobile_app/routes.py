"""Routes: which screens stand at which path, alone on a phone and side by side on a desk.

On a phone a deeper path is a page above the list, so that back returns to it. Where there is room
the list is a layout around its detail: one view, whose list keeps its place while the detail
changes.
"""

from collections.abc import Callable

import flet as ft

from mobile_app.parts.blocks import empty
from mobile_app.parts.frame import frame, pane
from mobile_app.parts.guard import part, screen
from mobile_app.screens.alert import alert_pane
from mobile_app.screens.arbitration import contest_page, dispute_page, prospect_page
from mobile_app.screens.business import business_detail, business_pane
from mobile_app.screens.catalogue import catalogue_pane
from mobile_app.screens.closing import month_page, person_page
from mobile_app.screens.commission import commission_pane, commission_wanted
from mobile_app.screens.customer import customer_pane, nothing_chosen
from mobile_app.screens.customers import customers_pane
from mobile_app.screens.devices import devices_pane
from mobile_app.screens.drafts import draft_page, first_page
from mobile_app.screens.duplicate import duplicate_pane
from mobile_app.screens.elsewhere import elsewhere_pane
from mobile_app.screens.field_today import field_pane
from mobile_app.screens.inbox import customer_wanted, inbox_pane
from mobile_app.screens.me import me_pane
from mobile_app.screens.pay_detail import entry_pane, figure_pane, figure_wanted
from mobile_app.screens.performance import performance_pane
from mobile_app.screens.prospect import prospect_pane
from mobile_app.screens.quick_log import quick_log_pane
from mobile_app.screens.responses import responses_pane
from mobile_app.screens.review_feed import feed_beside, feed_pane
from mobile_app.screens.rules import rule_page, trial_page
from mobile_app.screens.sale import sale_pane
from mobile_app.screens.sales import sales_pane
from mobile_app.screens.service_case import case_pane, opening_pane
from mobile_app.screens.sold import sold_pane
from mobile_app.screens.sync_centre import sync_pane
from mobile_app.screens.today import today_pane
from mobile_app.screens.visit import correction_pane, mending_pane, visit_pane
from mobile_app.state.desk import Desk, Pulse
from mobile_app.state.here import Here, here
from mobile_app.state.plans import Plans

Pane = Callable[[Here], ft.Control]
ListPane = Callable[[Here, str | None], ft.Control]
Component = Callable[[], ft.Control]
CUSTOMER, RECORD, OPENED, WITHIN = "customer_id", "record_id", "of", "within"

_ALONE: dict[str, Pane] = {
    "log": quick_log_pane,
    "me": me_pane,
    "field": field_pane,
    "elsewhere": elsewhere_pane,
}
_BUSINESS: dict[str, Callable[[Here, str], ft.Control]] = {
    "business": business_pane,
    "business/:figure": business_detail,
}
_ABOVE: dict[str, dict[str, Callable[[Here, str], ft.Control]]] = {
    "me": {
        "sync": sync_pane,
        "sync/:op_id": mending_pane,
        "sales": sales_pane,
        "sales/:sale_id": sold_pane,
        "catalogue": catalogue_pane,
        **_BUSINESS,
    },
    "field": {
        "alerts": responses_pane,
        "devices": devices_pane,
        "feed": feed_pane,
        **_BUSINESS,
    },
}
"""What opens above a place that has no list: the path below it, and the pane."""
_BESIDE: dict[str, Pane] = {"field": feed_beside}
"""What stands beside a place where there is room: the day's numbers and the contacts behind."""
_WITH_DETAIL: dict[str, ListPane] = {
    "today": today_pane,
    "customers": customers_pane,
    "inbox": inbox_pane,
    "performance": performance_pane,
}
_DETAILS: dict[str, dict[str, Callable[[Here, str], ft.Control]]] = {
    "performance": {":figure": figure_pane, ":figure/:entry": entry_pane},
}
"""What opens from a list that is not of customers: the path below it, and the pane."""
_OF_COMMISSION: dict[str, Callable[[Here, Pulse, Plans, str], ft.Control]] = {
    "rule": rule_page,
    "draft": draft_page,
    "first": first_page,
    "trial": trial_page,
    "sale": contest_page,
    "prospect": prospect_page,
    "dispute": dispute_page,
    "month": month_page,
    "person": person_page,
}
"""What is opened from the lists of commission, and from what is open, by the kind that the path
names before the id."""
_UNCHOSEN: dict[str, Pane] = {"inbox": customer_wanted, "performance": figure_wanted}
"""What stands beside a list while nobody is chosen, where it is not the usual word."""


def routes(wide: bool, tabs: tuple[str, ...]) -> list[ft.Route]:
    """Return the route tree of one role in one class of window; the first tab is also home."""
    named = [route for tab in tabs for route in _tab(tab, f"/{tab}", wide)]
    return [*_tab(tabs[0], "/", wide)[:1], *named]


def _tab(tab: str, path: str, wide: bool) -> list[ft.Route]:
    if tab in _ALONE:
        beside = _BESIDE.get(tab) if wide else None
        above = _ABOVE.get(tab, {}) if path != "/" else {}
        children = [_above(tab, *one, beside=beside is not None) for one in above.items()]
        alone = _alone(f"/{tab}", _ALONE[tab], beside)
        return [ft.Route(path=path, component=alone, children=children)]
    if tab == "commission":
        return [_commission(path, wide)]
    listing = _WITH_DETAIL[tab]
    if wide:
        return [_side_by_side(tab, path, listing)]
    return [_stacked(tab, path, listing)]


def _above(
    tab: str, path: str, build: Callable[[Here, str], ft.Control], *, beside: bool
) -> ft.Route:
    """A page above a place or, where something stands beside the place, in its stead."""
    named = path.rpartition("/")[2].lstrip(":")
    component = _instead(_ALONE[tab], build, named) if beside else _page(build, named)
    return ft.Route(path=path, component=component)


def _commission(path: str, wide: bool) -> ft.Route:
    """The lists of commission, with what is opened from them beside or above."""
    if wide:
        lists = _layout("/commission", commission_pane, commission_wanted, OPENED)
        beside = [
            ft.Route(path=f":{OPENED}", component=_inside(_of_commission, OPENED)),
            ft.Route(path=f":{OPENED}/:{WITHIN}", component=_inside(_of_commission, WITHIN)),
        ]
        return ft.Route(
            path=path, component=lists, outlet=True, children=beside if path != "/" else None
        )
    within = ft.Route(path=f":{WITHIN}", component=_page(_of_commission, WITHIN))
    opened = ft.Route(path=f":{OPENED}", component=_page(_of_commission, OPENED), children=[within])
    alone = _alone("/commission", lambda found: commission_pane(found, None))
    return ft.Route(path=path, component=alone, children=[opened] if path != "/" else None)


def _of_commission(here: Here, of: str) -> ft.Control:
    """What was opened from a list of commission."""
    words, desk = here.words, here.desk
    kind, _, id = of.partition(".")
    if kind not in _OF_COMMISSION:
        body = empty(words("plans.gone"), words("plans.gone.hint"))
        return pane(words("plans.title"), [body], here=here, back=True, badged=False)
    body = _OF_COMMISSION[kind](here, desk.pulse, desk.plans, id)
    return pane(words(f"plans.{kind}"), [body], here=here, back=True, badged=False)


def _stacked(tab: str, path: str, listing: ListPane) -> ft.Route:
    """List, customer and form as pages above each other."""
    if tab in _DETAILS:
        return _stacked_details(tab, path, listing)
    form = ft.Route(path="log", component=_page(visit_pane))
    sale = ft.Route(path="sell", component=_page(sale_pane))
    case = ft.Route(path="case", component=_page(opening_pane))
    record = ft.Route(path=":record_id", component=_page(_record, RECORD))
    customer = ft.Route(
        path=":customer_id", component=_page(_opened), children=[form, sale, case, record]
    )
    children = [customer] if path != "/" else None
    return ft.Route(
        path=path,
        component=_alone(f"/{tab}", lambda found: listing(found, None)),
        children=children,
    )


def _stacked_details(tab: str, path: str, listing: ListPane) -> ft.Route:
    """A list and what opens from it as pages above each other, however deep."""
    above: list[ft.Route] = []
    for deeper, build in reversed(_DETAILS[tab].items()):
        own = deeper.rpartition("/")[2]
        component = _page(build, own.lstrip(":"))
        above = [ft.Route(path=own, component=component, children=above)]
    return ft.Route(
        path=path,
        component=_alone(f"/{tab}", lambda found: listing(found, None)),
        children=above if path != "/" else None,
    )


def _side_by_side(tab: str, path: str, listing: ListPane) -> ft.Route:
    """The list as a layout around the customer or the form."""
    details = _DETAILS.get(tab, {}).items()
    children = [
        ft.Route(path=deeper, component=_inside(build, deeper.rpartition(":")[2]))
        for deeper, build in details
    ] or [
        ft.Route(path=":customer_id", component=_inside(_opened)),
        ft.Route(path=":customer_id/log", component=_inside(visit_pane)),
        ft.Route(path=":customer_id/sell", component=_inside(sale_pane)),
        ft.Route(path=":customer_id/case", component=_inside(opening_pane)),
        ft.Route(path=":customer_id/:record_id", component=_inside(_record, RECORD)),
    ]
    return ft.Route(
        path=path,
        component=_layout(f"/{tab}", listing, _UNCHOSEN.get(tab, nothing_chosen)),
        outlet=True,
        children=children if path != "/" else None,
    )


def _opened(here: Here, id: str) -> ft.Control:
    """What a list opens: a customer, a record of one, a prospect or, in the inbox, two who are
    perhaps one."""
    desk = here.desk
    if here.places.tab == "inbox" and desk.duplicates.pair(id) is not None:
        return duplicate_pane(here, id)
    if here.places.logs and desk.prospects.item(id) is not None:
        return prospect_pane(here, id)
    record = _followed(desk, id) if desk.customer(id) is None else None
    return (record or customer_pane)(here, id)


def _record(here: Here, record_id: str) -> ft.Control:
    """One record of a customer, above what it was opened from; else a contact is put right."""
    return (_followed(here.desk, record_id) or correction_pane)(here, record_id)


def _followed(desk: Desk, id: str) -> Callable[[Here, str], ft.Control] | None:
    """The pane of a record that is followed to its end, an alert, a case or a sale."""
    if desk.alerts.item(id) is not None:
        return alert_pane
    if desk.service.item(id) is not None:
        return case_pane
    return sold_pane if desk.selling.sale(id) is not None else None


def _alone(route: str, build: Pane, beside: Pane | None = None) -> Component:
    @screen
    def alone() -> ft.View:
        found = here()
        return frame(found, route, build(found), beside(found) if beside else None)

    return alone


def _page(build: Callable[[Here, str], ft.Control], of: str = CUSTOMER) -> Component:
    @screen
    def page() -> ft.View:
        found, path = here(), ft.use_view_path()
        return frame(found, path, build(found, _named(of)), root=False)

    return page


def _instead(main: Pane, build: Callable[[Here, str], ft.Control], of: str) -> Component:
    @screen
    def instead() -> ft.View:
        found, path = here(), ft.use_view_path()
        return frame(found, path, main(found), build(found, _named(of)))

    return instead


def _inside(build: Callable[[Here, str], ft.Control], of: str = CUSTOMER) -> Component:
    @part
    def inside() -> ft.Control:
        return build(here(), _named(of))

    return inside


def _layout(route: str, listing: ListPane, unchosen: Pane, of: str = CUSTOMER) -> Component:
    @screen
    def layout() -> ft.View:
        found = here()
        detail = ft.use_route_outlet() or unchosen(found)
        chosen = _named("figure" if route == "/performance" else of)
        return frame(found, route, listing(found, chosen), detail)

    return layout


def _named(what: str) -> str:
    """The id that the path holds under this name."""
    return str(ft.use_route_params().get(what) or "")
