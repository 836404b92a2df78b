"""Places: where the user can be, and the verbs that bring them there.

A route is a path, so that the browser's back button, the phone's back gesture and Esc all mean the
same: one step up the path.
"""

from collections.abc import Callable
from dataclasses import dataclass

TABS: dict[str, tuple[str, ...]] = {
    "account_manager": ("today", "customers", "log", "performance", "me"),
    "supervisor": ("field", "inbox", "commission", "customers", "me"),
    "product_manager": ("commission", "me"),
    "auditor": ("elsewhere", "me"),
    "operator": ("elsewhere", "me"),
}
"""The places of the bar by role, five at most; the first one is home. The sync centre lies under
one's own, the review feed under the field."""
_SYNC = "/me/sync"
WITH_CUSTOMER = ("today", "customers", "inbox")
"""The places beside or above which a customer opens."""


@dataclass(frozen=True)
class Places:
    """The places of one role. `push` asks the client to go to a path."""

    push: Callable[[str], None]
    path: Callable[[], str]
    role: str = "account_manager"

    @property
    def tabs(self) -> tuple[str, ...]:
        """The places of the bar, in order."""
        return TABS[self.role]

    @property
    def logs(self) -> bool:
        """Whether this role meets customers itself and writes it down."""
        return "log" in self.tabs

    @property
    def decides(self) -> bool:
        """Whether this role decides about the work of others."""
        return "inbox" in self.tabs

    @property
    def tab(self) -> str:
        """The place of the bar that the present path lies under."""
        head = self._parts()[0]
        return head if head in self.tabs else self.tabs[0]

    def show_tab(self, index: int) -> None:
        """Go to a place of the bar."""
        self.push(f"/{self.tabs[index]}")

    def show(self, tab: str) -> None:
        """Go to a place of the bar by its name."""
        self.push(f"/{tab}")

    def customer(self, customer_id: str) -> None:
        """Open a customer beside or above the list that it was found in."""
        self.push(f"/{self._customers_tab}/{customer_id}")

    def form(self, customer_id: str) -> None:
        """Open the form of the contact that was started with a customer."""
        self.push(f"/{self._customers_tab}/{customer_id}/log")

    def correct(self, customer_id: str, interaction_id: str) -> None:
        """Open the form in which a contact of one's own is put right."""
        self.record(customer_id, interaction_id)

    def prospect(self, prospect_id: str) -> None:
        """Open a prospect of one's own beside or above the list that it was found in."""
        self.push(f"/{self._customers_tab}/{prospect_id}")

    def pair(self, duplicate_id: str) -> None:
        """Open two customers who are perhaps one, beside or above the inbox."""
        self.push(f"/inbox/{duplicate_id}")

    def record(self, customer_id: str, record_id: str) -> None:
        """Open one record of a customer: an alert, a case, a sale, a contact to put right. It
        stands above what it is opened from, the customer or another record."""
        parts = self._parts()
        below = parts[1] if len(parts) > 1 and self.tab in WITH_CUSTOMER else customer_id
        self.push(f"/{self._customers_tab}/{below}/{record_id}")

    def listed(self, record_id: str) -> None:
        """Open one record beside or above the list that it was found in."""
        self.push(f"/{self._customers_tab}/{record_id}")

    def sale(self, sale_id: str) -> None:
        """Open one of the user's own sales above the list of them."""
        self.push(f"/me/sales/{sale_id}")

    def sell(self, customer_id: str) -> None:
        """Open the form of a sale to a customer."""
        self.push(f"/{self._customers_tab}/{customer_id}/sell")

    def open_case(self, customer_id: str) -> None:
        """Open the form of a customer's new case."""
        self.push(f"/{self._customers_tab}/{customer_id}/case")

    def sales(self) -> None:
        """Open the user's own sales."""
        self.push("/me/sales")

    def catalogue(self) -> None:
        """Open the catalogue."""
        self.push("/me/catalogue")

    @property
    def _customers_tab(self) -> str:
        return self.tab if self.tab in WITH_CUSTOMER else "customers"

    def mend(self, op_id: str) -> None:
        """Open the form in which a refused contact is put right."""
        self.push(f"{_SYNC}/{op_id}")

    def figure(self, name: str) -> None:
        """Open a figure of the month: what it is made of."""
        self.push(f"/performance/{name}")

    def entry(self, figure: str, key: str) -> None:
        """Open an entry of a figure: how it came about."""
        self.push(f"/performance/{figure}/{key}")

    def sync(self) -> None:
        """Open the sync centre."""
        self.push(_SYNC)

    def devices(self) -> None:
        """Open the devices of the team."""
        self.push("/field/devices")

    def responses(self) -> None:
        """Open how soon the team's alerts are handled."""
        self.push("/field/alerts")

    def business(self, figure: str = "") -> None:
        """Open the figures of the user's customers, or what one of them is made of."""
        self.push(
            "/".join(filter(None, ("/field/business" if self.decides else "/me/business", figure)))
        )

    def feed(self) -> None:
        """Open what the team did, to say a word on it."""
        self.push("/field/feed")

    def commission(self, kind: str, *ids: str) -> None:
        """Open one thing of commission beside or above its list."""
        self.push(f"/commission/{'.'.join((kind, *ids))}")

    def within(self, kind: str, *ids: str) -> None:
        """Open what belongs to the thing of commission that is open; back returns to it."""
        self.push("/" + "/".join((*self._parts()[:2], ".".join((kind, *ids)))))

    def up(self) -> None:
        """Go one step up; at a place of the bar there is nowhere further."""
        parts = self._parts()
        if len(parts) > 1:
            self.push("/" + "/".join(parts[:-1]))

    def home(self) -> None:
        """Go to the first place of the bar."""
        self.push(f"/{self.tabs[0]}")

    def _parts(self) -> list[str]:
        return self.path().partition("?")[0].strip("/").split("/")
