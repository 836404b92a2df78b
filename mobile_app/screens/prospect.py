"""Prospect: one of the user's own, opened from where it was told of."""

import flet as ft

from mobile_app.parts.frame import pane
from mobile_app.parts.guard import part
from mobile_app.parts.prospects import one_prospect
from mobile_app.state.desk import Desk, Pulse
from mobile_app.state.here import Here


def prospect_pane(here: Here, prospect_id: str) -> ft.Control:
    """How it stands, and what can be done about it now."""
    desk = here.desk
    found = desk.prospects.item(prospect_id)
    name = found.prospect.name if found else here.words("prospects")
    return pane(
        name,
        [_page(here, desk, desk.pulse, prospect_id)],
        here=here,
        back=not here.look.wide,
        badged=False,
    )


@part
def _page(here: Here, desk: Desk, _pulse: Pulse, prospect_id: str) -> ft.Control:
    return one_prospect(here, desk, prospect_id)
