"""A branch for the tests of refused rows: a file of every kind with rows that are refused."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import select

from sync_server.adapters.kinds import KINDS
from sync_server.store.database import Database
from sync_server.store.refused_rows import Kept, RefusedRows, Which
from sync_server.store.schema import metadata
from tests.server.account_bank import ACCOUNTS, FEES, FLOWS, AccountBank, a_card, a_uscc, account
from tests.server.importing import HEADER

SPOILT: Final = 'core,"6001'


class RefusingBank(AccountBank):
    """The branch, whose only customer is 单晓敏 with the account 6001."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.accounts(account("6001", **self.hers))

    def files(self) -> Mapping[str, str]:
        """A file of every kind: one good row, two that are refused, one that cannot be read."""
        code, unit = self.card["code"], self._unit()
        rows: dict[str, tuple[str, ...]] = {
            "confirmations": (HEADER, "C-1,ACTIVATED,2026-11-18,,,1", "C-1,SOLD,x,,,"),
            "products": (
                "code,name,line,field_mode,measure,unit,valid_from",
                "FUND-1,稳健基金,fund,on_site,amount,元,2026-01-01",
                "fund 2,稳健基金,fund,on_site,amount,元,2026-01-01",
            ),
            "targets": (
                "employee_no,product_code,period,value",
                f"AM001,{code},2026-11,12",
                f"AM999,{code},2026-11,12",
            ),
            "quality": ("employee_no,period,coefficient", "AM001,2026-11,0.95", "AM999,2026-11,1"),
            "employees": (
                "employee_no,joined_on,name,role,org_unit",
                f"PM001,2026-02-01,傅清和,产品经理,{unit}",
                "PM002,2026-02-01,傅清和,产品经理,没有这个机构",
            ),
            "customers": (
                "source,id_kind,id_number,name,as_of,manager",
                f"ecif,uscc,{a_uscc('N')},云汀新材料有限公司,2026-11-17,AM001",
                f"ecif,uscc,{a_uscc('P')},云汀织造有限公司,2026-11-17,AM999",
            ),
            "accounts": (
                ACCOUNTS,
                account("6002", **self.hers),
                account("6003", id_kind="uscc", id_number=a_uscc()),
            ),
            "cards": (
                "source,number,account_source,account",
                f"cards,{a_card(1)},core,6001",
                f"cards,{a_card(2)},core,6009",
            ),
            "flows": (FLOWS, "core,6001,2026-11-17,0.00,9.00", "core,6009,2026-11-17,0.00,9.00"),
            "fees": (
                FEES,
                "core,6001,wealth,1.00,2026-11-16,",
                "core,6009,wealth,1.00,2026-11-16,",
            ),
            "calls": (
                "source,call_id,at,direction,result,account_source,account",
                "cc,1,2026-11-17 09:30,inbound,missed,core,6001",
                "cc,2,2026-11-17 09:30,inbound,missed,core,6009",
            ),
            "service_events": (
                "source,event_id,at,channel,what,account_source,account",
                "teller,1,2026-11-17 10:05,counter,挂失补卡,core,6001",
                "teller,2,2026-11-17 10:05,counter,挂失补卡,core,6009",
            ),
        }
        assert rows.keys() == KINDS.keys()
        return {
            kind: "\n".join([*said, said[-1] + ",too,many,cells", SPOILT, ""])
            for kind, said in rows.items()
        }

    def _unit(self) -> Any:
        return next(iter(self.store.rows("org_unit").values())).document["name"]

    def kept(self) -> list[Kept]:
        """The refused rows that are open, whole."""
        with self.database.reading() as connection:
            return RefusedRows(connection, self.database.cursor_key).kept(Which())

    def standing(self) -> list[str]:
        """The states of all that were ever kept."""
        statement = "SELECT state FROM refused_row ORDER BY at, line, state"
        with self.database.reading() as connection:
            return list(connection.exec_driver_sql(statement).scalars())

    def tables(self) -> dict[str, str]:
        """A digest of every table."""
        return {table.name: self._digest(table) for table in metadata.sorted_tables}

    def _digest(self, table: Any) -> str:
        ordered = select(table).order_by(*table.primary_key.columns)
        with self.database.reading() as connection:
            rows = [tuple(row) for row in connection.execute(ordered)]
        return sha256(repr(rows).encode()).hexdigest()
