"""A second opinion: the commission of a scenario file, worked out anew from the rules' wording.

It shares no line with the engine and is written the other way round: it reads the file as plain
JSON, counts in yuan as fractions, walks through the months one by one with tranches in a box, and
keeps everything in dictionaries. It is slow and takes well-formed files for granted.
"""

from calendar import monthrange
from fractions import Fraction as Number
from math import ceil, floor
from typing import Any

Json = dict[str, Any]
Key = tuple[str, str, str | None, str, int, str, str | None]
"""Period, employee, sale, rule, version, type, ref."""
Result = dict[Key, Number]


def opinion(document: Json) -> Json:
    """Return what the answer should be, without traces and digests."""
    posted: Result = {}
    closed = ""
    for count, event in enumerate(document["events"]):
        if event["kind"] == "close" and event["period"] > closed:
            books = Books(document, document["events"][:count])
            for key, amount in upcoming(books, posted, closed).items():
                if key[0] <= event["period"]:
                    posted[key] = amount
            closed = event["period"]
    books = Books(document, document["events"])
    as_of = (document.get("as_of") or last_day_named(document))[:7]
    today = max(as_of, closed)
    everything = dict(posted)
    for key, amount in upcoming(books, posted, closed).items():
        is_yearly = key[5] == "RELEASE" and key[2] is None
        if not (is_yearly and key[0] > today):
            everything[key] = amount
    end = as_of
    if not document.get("as_of"):
        end = max([as_of, *(key[0] for key in everything)])
    return {
        "entries": sorted(
            ([*key[:6], text(amount), key[6]] for key, amount in everything.items()), key=repr
        ),
        "statements": rows(everything, books.left, end),
        "tranches": sorted(row for box in books.boxes for row in box_rows(box, today)),
        "held": books.held,
        "pending": books.pending,
        "errors": books.errors,
    }


def upcoming(books: "Books", posted: Result, closed: str) -> Result:
    """Return what the months after `closed` hold: their own entries, and corrections."""
    found = {key: amount for key, amount in books.result.items() if key[0] > closed}
    if not closed:
        return found
    was: dict[tuple[str, str, str, str | None], Number] = {}
    now: dict[tuple[str, str, str, str | None], Number] = {}
    version: dict[tuple[str, str, str, str | None], int] = {}
    for (period, who, sale, rule, number, kind, ref), amount in posted.items():
        place = (str(ref) if kind == "ADJUST" else period, who, rule, sale)
        was[place] = was.get(place, Number(0)) + amount
        version[place] = max(number, version.get(place, 0))
    newest: dict[tuple[str, str, str, str | None], int] = {}
    for (period, who, sale, rule, number, _, _), amount in books.result.items():
        if period <= closed:
            place = (period, who, rule, sale)
            now[place] = now.get(place, Number(0)) + amount
            newest[place] = max(number, newest.get(place, 0))
    year, month = int(closed[:4]), int(closed[5:])
    open_month = f"{year + month // 12:04d}-{month % 12 + 1:02d}"
    for place in {*was, *now}:
        change = now.get(place, Number(0)) - was.get(place, Number(0))
        if change:
            period, who, rule, sale = place
            number = newest.get(place, version.get(place, 0))
            found[open_month, who, sale, rule, number, "ADJUST", period] = change
    return found


class Books:
    """Everything that follows from a list of events, as if no month were ever closed."""

    def __init__(self, document: Json, events: list[Json]) -> None:
        self.rules = list(document["plan"]["rules"])
        self.sales: dict[str, Json] = {}
        self.cancelled: dict[str, str] = {}
        self.left: dict[str, str] = {}
        self.approved: dict[str, list[Any]] = {}
        self.goals = document.get("targets") or []
        self.marks = document.get("quality") or []
        for event in events:
            self.learn(event)
        self.result: Result = {}
        self.held: list[Json] = []
        self.pending: list[Json] = []
        self.errors: list[list[str]] = []
        self.counted: list[Json] = []
        self.boxes: list[list[Json]] = []
        self.sort_out()
        for who, period in sorted({(p[0], s["month"]) for s in self.counted for p in s["who"]}):
            self.pay(who, period)

    def learn(self, event: Json) -> None:
        if event["kind"] == "sale":
            self.sales[event["id"]] = event
        elif event["kind"] == "cancel":
            self.cancelled[event["sale"]] = event["on"]
        elif event["kind"] == "leave":
            self.left[event["employee"]] = event["on"]
        elif event["kind"] == "approve_split":
            self.approved[event["external_ref"]] = event["shares"]
        elif event["kind"] == "rule":
            self.rules = [r for r in self.rules if r["id"] != event.get("replaces")]
            self.rules.append(event["rule"])

    def sort_out(self) -> None:
        """Decide for each sale whether it counts."""
        refs = [str(s["external_ref"]) for s in self.sales.values() if s.get("external_ref")]
        for open_ref in sorted({r for r in refs if refs.count(r) > 1} - {*self.approved}):
            rivals = sorted(i for i, s in self.sales.items() if s.get("external_ref") == open_ref)
            self.held.append({"external_ref": open_ref, "sales": rivals})
        for name in sorted(self.sales):
            sale = self.sales[name]
            ref = sale.get("external_ref")
            rivals = [i for i, s in self.sales.items() if ref and s.get("external_ref") == ref]
            shares = sale["shares"]
            if ref in self.approved:
                if name != min(rivals):
                    continue
                shares = self.approved[str(ref)]
            elif len(rivals) > 1:
                continue
            self.place(sale, shares)

    def place(self, sale: Json, shares: list[Any]) -> None:
        name = sale["id"]
        rules = [r for r in self.rules if r["product"] == sale["product"]]
        fitting = [r for r in rules if stands(r, sale["dates"].get(r["recognise_on"]))]
        if len(fitting) > 1:
            self.errors.append([name, "two_rules"])
            return
        if not fitting:
            lacking = [r["recognise_on"] for r in rules if r["recognise_on"] not in sale["dates"]]
            if not lacking:
                self.errors.append([name, "no_rule"])
            elif name not in self.cancelled:
                self.pending.append({"sale": name, "waiting_for": lacking[0]})
            return
        rule = fitting[0]
        day = sale["dates"][rule["recognise_on"]]
        if name in self.cancelled and self.cancelled[name][:7] <= day[:7]:
            return
        needs_pieces = rule["kind"] == "UNIT"
        needs_amount = not needs_pieces
        if rule.get("accelerators"):
            needs_pieces |= rule["metric"] == "COUNT"
            needs_amount |= rule["metric"] != "COUNT"
        if needs_pieces and sale.get("qty") is None:
            self.errors.append([name, "no_quantity"])
        elif needs_amount and sale.get("amount") is None:
            self.errors.append([name, "no_amount"])
        else:
            who = [[s[0], s[1], s[1] if len(s) < 3 or s[2] is None else s[2]] for s in shares]
            self.counted.append(
                {"sale": sale, "rule": rule, "day": day, "month": day[:7], "who": who}
            )

    def pay(self, who: str, period: str) -> None:
        """Work out one employee's month, rule by rule."""
        mine = [
            each
            for each in self.counted
            if each["month"] == period and any(p[0] == who for p in each["who"])
        ]
        mine.sort(key=lambda each: (each["day"], each["sale"]["id"]))
        paid = [e for e in mine if next(p for p in e["who"] if p[0] == who)[1] > 0]
        for rule in sorted({each["rule"]["id"] for each in paid}):
            self.pay_rule(who, period, [e for e in paid if e["rule"]["id"] == rule], mine)

    def pay_rule(self, who: str, period: str, paid: list[Json], mine: list[Json]) -> None:
        earned: list[tuple[Json, Number]] = []
        base = Number(0)
        for each in paid:
            rule, sale = each["rule"], each["sale"]
            worth = Number(sale["amount"]) if rule.get("tiers") else plain(rule, sale)
            part = shared(worth, each["who"])[who]
            if rule.get("tiers"):
                gain = tiered(rule, base + part) - tiered(rule, base)
                base += part
            else:
                gain = part
            gain = to_fen(gain * self.speed(who, period, rule, mine))
            earned.append((each, gain))
            self.note(period, who, sale["id"], rule, "EARN", gain, None)
        closing = paid[-1]["rule"]
        total = sum((gain for _, gain in earned), Number(0))
        if closing.get("cap_period") is not None:
            trim = min(Number(0), Number(closing["cap_period"]) - total)
            self.note(period, who, None, closing, "CAP_TRIM", trim, None)
            total += trim
        for mark in self.marks:
            if (mark["employee"], mark["period"]) == (who, period):
                weight = to_fen(total * (Number(mark["coefficient"]) - 1))
                self.note(period, who, None, closing, "QUALITY", weight, None)
                total += weight
        box = self.defer(who, period, closing, total)
        self.live_on(who, period, closing, earned, box)

    def speed(self, who: str, period: str, rule: Json, mine: list[Json]) -> Number:
        """Return the accelerator's factor."""
        for goal in self.goals:
            if (goal["employee"], goal["product"], goal["period"]) == (
                who,
                rule["product"],
                period,
            ):
                field = "qty" if rule["metric"] == "COUNT" else "amount"
                done = Number(0)
                for each in mine:
                    if each["sale"]["product"] == rule["product"]:
                        bp = next(p[2] for p in each["who"] if p[0] == who)
                        done += Number(each["sale"].get(field) or 0) * bp / 10_000
                ratio = done / Number(goal["value"])
                factor, best = Number(1), Number(-1)
                for step in rule.get("accelerators") or []:
                    if best < Number(step["min_attainment"]) <= ratio:
                        factor, best = Number(step["multiplier"]), Number(step["min_attainment"])
                return factor
        return Number(1)

    def defer(self, who: str, period: str, rule: Json, total: Number) -> list[Json]:
        terms = rule.get("deferral")
        if not terms or total <= 0:
            return []
        fen = ceil(total * 100 * Number(terms["rate"]))
        self.note(period, who, None, rule, "DEFER", Number(-fen, 100), None)
        if fen == 0:
            return []
        box: list[Json] = []
        years = terms["years"]
        for number in range(years, 0, -1):
            # The last of the remaining years takes what an equal division rounds up to.
            part = ceil(Number(fen, number))
            fen -= part
            year, month = int(period[:4]) + number, int(period[5:])
            due = f"{year:04d}-{month:02d}-{monthrange(year, month)[1]:02d}"
            box.insert(
                0,
                {
                    "who": who,
                    "rule": rule["id"],
                    "period": period,
                    "due": due,
                    "number": number,
                    "left": Number(part, 100),
                    "lost": Number(0),
                },
            )
        self.boxes.append(box)
        return box

    def live_on(
        self, who: str, period: str, rule: Json, earned: list[tuple[Json, Number]], box: list[Json]
    ) -> None:
        """Walk through the months after: cancellations first, then the tranche that falls due."""
        ends = [self.cancelled.get(each["sale"]["id"], "")[:7] for each, _ in earned]
        ends += [part["due"][:7] for part in box]
        month = period
        while month <= max([period, *ends]):
            for each, gain in sorted(earned, key=self.moment):
                on = self.cancelled.get(each["sale"]["id"], "")
                if on[:7] == month:
                    self.claw(who, month, each, gain, on, box, rule)
            for part in box:
                if part["due"][:7] == month and part["left"]:
                    ref = f"{period}/{part['number']}"
                    self.note(month, who, None, rule, "RELEASE", part["left"], ref)
            month = shift(month + "-01", 1)[:7]

    def moment(self, pair: tuple[Json, Number]) -> tuple[str, str]:
        name = pair[0]["sale"]["id"]
        return self.cancelled.get(name, ""), name

    def claw(
        self,
        who: str,
        month: str,
        each: Json,
        gain: Number,
        on: str,
        box: list[Json],
        closing: Json,
    ) -> None:
        age = 0
        while shift(each["day"], age) < on:
            age += 1
        rate = Number(0)
        for bracket in reversed(each["rule"].get("clawback") or []):
            if bracket["to_month"] >= age:
                rate = Number(bracket["rate"])
        owed = to_fen(rate * gain)
        sale, rule = each["sale"]["id"], each["rule"]
        self.note(month, who, sale, rule, "CLAWBACK", -owed, each["month"])
        for part in box:
            take = min(part["left"], owed)
            if take > 0 and part["due"][:7] >= month:
                part["left"] -= take
                part["lost"] += take
                owed -= take
                ref = f"{part['period']}/{part['number']}"
                self.note(month, who, sale, closing, "RELEASE", take, ref)

    def note(
        self,
        period: str,
        who: str,
        sale: str | None,
        rule: Json,
        kind: str,
        amount: Number,
        ref: str | None,
    ) -> None:
        if amount or kind == "EARN":
            self.result[period, who, sale, rule["id"], rule["version"], kind, ref] = amount


def stands(rule: Json, day: str | None) -> bool:
    return day is not None and rule["from"] <= day and (not rule.get("to") or day < rule["to"])


def plain(rule: Json, sale: Json) -> Number:
    """Return the whole commission of a sale under a rule without tiers."""
    if rule["kind"] == "UNIT":
        return Number(sale["qty"]) * Number(rule["unit_price"])
    if rule["kind"] == "RATE":
        return to_fen(Number(sale["amount"]) * Number(rule["rate"]))
    tens = Number(sale["amount"]) / 10_000
    return to_fen((floor(tens) if rule.get("whole_units") else tens) * Number(rule["unit_price"]))


def shared(worth: Number, who: list[Any]) -> dict[str, Number]:
    """Hand out the fen one by one, each to whoever lacks most."""
    exact = {name: worth * 100 * bp / 10_000 for name, bp, _ in who}
    given = {name: floor(fen) for name, fen in exact.items()}
    while sum(given.values()) < worth * 100:
        given[max(given, key=lambda name: exact[name] - given[name])] += 1
    return {name: Number(fen, 100) for name, fen in given.items()}


def tiered(rule: Json, x: Number) -> Number:
    tiers = [(Number(low), Number(rate)) for low, _, rate in rule["tiers"]]
    if rule["kind"] == "TIER_SLAB":
        return to_fen(x * [rate for low, rate in tiers if low <= x][-1])
    total, before = Number(0), Number(0)
    for low, rate in tiers:
        # Every tier adds its surplus over the one below to all that lies above its lower end.
        total += (rate - before) * max(Number(0), x - low)
        before = rate
    return to_fen(total)


def to_fen(amount: Number) -> Number:
    fen = floor(abs(amount) * 100 + Number(1, 2))
    return Number(fen if amount >= 0 else -fen, 100)


def shift(day: str, months: int) -> str:
    year, month, date = int(day[:4]), int(day[5:7]), int(day[8:])
    for _ in range(months):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return f"{year:04d}-{month:02d}-{min(date, monthrange(year, month)[1]):02d}"


def last_day_named(document: Json) -> str:
    days = [rule["from"] for rule in document["plan"]["rules"]]
    for event in document["events"]:
        days += [event[name] for name in ("on", "captured") if event.get(name)]
        days += (event.get("dates") or {}).values()
        days += [event["rule"]["from"]] if event["kind"] == "rule" else []
    return max(days, default="1970-01-01")


COLUMNS = {
    "EARN": "earned", "CAP_TRIM": "trimmed", "QUALITY": "quality", "DEFER": "deferred",
    "RELEASE": "released", "CLAWBACK": "clawed", "ADJUST": "adjusted",
}  # fmt: skip


def rows(everything: Result, left: dict[str, str], end: str) -> list[Json]:
    found = []
    for who in sorted({key[1] for key in everything}):
        month = min(key[0] for key in everything if key[1] == who)
        carry = Number(0)
        while month <= end:
            sums = dict.fromkeys(COLUMNS.values(), Number(0))
            for key, amount in everything.items():
                if key[0] == month and key[1] == who:
                    sums[COLUMNS[key[5]]] += amount
            x = carry + sum(sums.values())
            row: Json = {"period": month, "employee": who, "opening_carry": text(carry)}
            row |= {name: text(amount) for name, amount in sums.items()}
            carry = min(Number(0), x)
            row |= {"payable": text(max(Number(0), x)), "closing_carry": text(carry)}
            if carry < 0 and who in left and left[who][:7] <= month:
                row["receivable"] = True
            found.append(row)
            month = shift(month + "-01", 1)[:7]
    return found


def box_rows(box: list[Json], today: str) -> list[list[str]]:
    found = []
    for part in box:
        place = [part["who"], part["rule"], part["period"], part["due"]]
        if part["lost"]:
            found.append([*place, text(part["lost"]), "forfeited"])
        if part["left"] or not part["lost"]:
            status = "released" if part["due"][:7] <= today else "held"
            found.append([*place, text(part["left"]), status])
    return found


def text(amount: Number) -> str:
    if not amount:
        return "0.00"
    fen = amount * 100
    assert fen.denominator == 1, f"{amount} is not in whole fen"
    digits = f"{abs(fen.numerator):03d}"
    return f"{'-' if amount < 0 else ''}{digits[:-2]}.{digits[-2:]}"
