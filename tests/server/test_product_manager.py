"""A product manager's devices hold the branch's rules and people, and nobody's customers."""

from shared.domain import Employee, OrgUnit
from sync_server.store.scopes import scopes_of


def test_a_product_manager_holds_the_branch_and_no_portfolio() -> None:
    units = {"u1": OrgUnit("u1", "云汀分行", "branch", None)}
    manager = Employee("e7", "PM001", "何清", "product_manager", "u1")
    seller = Employee("e1", "AM001", "王敏", "account_manager", "u1")

    assert scopes_of(manager, [manager, seller], units) == {"branch:u1", "global", "user:e7"}
