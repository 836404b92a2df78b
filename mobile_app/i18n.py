"""Words: every sentence, code, time and amount as the user reads it, Chinese first.

A screen asks for a key and never joins strings, so that both languages stay whole: a key holds its
Chinese and its English side by side, and a missing one fails a test instead of showing in the
field. Times are written as people say them, which needs to know what "now" is; it is passed in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from string import Formatter
from typing import Final, Literal

from mobile_app.words import TABLE
from shared.commission.exact import round_fen
from shared.domain.customer import masked_name, masked_phone
from shared.domain.serving import LONGEST_MS
from shared.money import Fen, format_yuan, short_yuan

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
_WEEKDAYS: Final = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_MONTHS: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip


def local_time(at: int) -> datetime:
    """Return the moment `at` (ms) in the device's own zone, which is where the user stands."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone()


def local_day(at: int) -> str:
    """Return the calendar day of the moment `at` on this device, ISO 8601."""
    return local_time(at).date().isoformat()


class _Sentences(Formatter):
    """Fills the places of a sentence. `{n:visit|visits}` is "1 visit" and "2 visits": English has
    one word for one thing, and another for none or many."""

    def format_field(self, value: object, format_spec: str) -> str:
        one, counts, many = format_spec.partition("|")
        if counts:
            return f"{value} {one if str(value) == '1' else many}"
        return str(super().format_field(value, format_spec))


_SENTENCES: Final = _Sentences()


@dataclass(frozen=True)
class Words:
    """The words of one language at one moment of reading."""

    language: Language
    now: Callable[[], int]

    def __call__(self, key: str, **fields: object) -> str:
        """Return the sentence of `key`, its places filled."""
        text = TABLE[key][LANGUAGES.index(self.language)]
        return _SENTENCES.vformat(text, (), fields) if fields else text

    def has(self, key: str) -> bool:
        """Whether there is a sentence of this key."""
        return key in TABLE

    def chips(self, family: str) -> list[str]:
        """Return the ready answers to a question, in the order of the table."""
        return [self(key) for key in TABLE if key.startswith(f"{family}.chip.")]

    def code(self, family: str, code: str | None) -> str:
        """Return the word of one code, or a dash where there is none."""
        if code is None:
            return self("none")
        return self(f"{family}.{code}") if f"{family}.{code}" in TABLE else code

    def clock(self, at: int) -> str:
        """Write the time of day: 14:05."""
        return local_time(at).strftime("%H:%M")

    def moment(self, at: int | None) -> str:
        """Write when something happened: 今天 14:05, 昨天 14:05, 周三, 3月5日."""
        if at is None:
            return self("never")
        day = self.day(local_day(at))
        days = (self._today() - local_time(at).date()).days
        return f"{day} {self.clock(at)}" if 0 <= days <= 1 else day

    def exactly(self, at: int) -> str:
        """Write a moment with its time of day, however far: 明天 14:05, 3月5日 14:05."""
        return f"{self.day(local_day(at))} {self.clock(at)}"

    def day(self, text: str | None) -> str:
        """Write a calendar day: 今天, 明天, 昨天, a weekday within six days, else 3月5日."""
        if text is None:
            return self("none")
        day = date.fromisoformat(text)
        ahead = (day - self._today()).days
        named = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(ahead)
        if named:
            return self(named)
        if abs(ahead) <= 6:
            return _WEEKDAYS[self.language][day.weekday()]
        return self._date(day)

    def full_day(self, text: str) -> str:
        """Write a calendar day by its date: 1952年3月12日; what is no day stays as it is."""
        try:
            return self._date(date.fromisoformat(text))
        except ValueError:
            return text

    def pieces(self, count: str, unit: str) -> str:
        """Write how many of a product: 7 张; what a piece is called is told in Chinese only."""
        return f"{count} {unit}" if self.language == "zh" and unit else count

    def month(self, period: str) -> str:
        """Write a calendar month: 2026年3月."""
        year, month = int(period[:4]), int(period[5:7])
        return f"{year}年{month}月" if self.language == "zh" else f"{_MONTHS[month - 1]} {year}"

    def age(self, at: int | None) -> str:
        """Write how long ago, for the age of data: 刚刚, 12 分钟前, 3 小时前, else the day."""
        if at is None:
            return self("never")
        passed = max(0, self.now() - at)
        if passed < MINUTE_MS:
            return self("just_now")
        if passed < HOUR_MS:
            return self("minutes_ago", n=passed // MINUTE_MS)
        if passed < 12 * HOUR_MS:
            return self("hours_ago", n=passed // HOUR_MS)
        return self.moment(at)

    def ago(self, at: int) -> str:
        """Write how many calendar days ago something was: 今天, 昨天, 3 天前."""
        days = (self._today() - local_time(at).date()).days
        if days <= 1:
            return self("yesterday" if days == 1 else "today")
        return self("days_ago", n=days)

    def span(self, length: int) -> str:
        """Write a length of time in ms by its two largest parts: 1 小时 40 分."""
        minutes = length // MINUTE_MS
        days, hours = minutes // 1440, minutes // 60 % 24
        if days:
            key = "span.days_hours" if hours else "span.days"
        elif hours:
            key = "span.hours_minutes" if minutes % 60 else "span.hours"
        else:
            key = "span.minutes"
        return self(key, d=days, h=hours, m=minutes % 60)

    def deadline(self, at: int) -> str:
        """Write how long there is until a moment, or since: 还有 1 小时 40 分, 超时 2 小时."""
        left = at - self.now()
        return self("alert.left" if left >= 0 else "alert.over", time=self.span(abs(left)))

    def masked_phone(self, phone: str) -> str:
        """Write a phone number with its last four digits only."""
        return masked_phone(phone)

    def masked_name(self, name: str) -> str:
        """Write a name with its middle hidden: 王*兰."""
        return masked_name(name)

    def lasted(self, started: int | None, ended: int | None) -> str:
        """Write how long a contact took, or nothing where it was not measured."""
        if started is None or ended is None or not 0 <= ended - started <= LONGEST_MS:
            return ""
        return self("minutes", n=max(1, (ended - started) // MINUTE_MS))

    def amount(self, fen: int | None) -> str:
        """Write an amount as people say it: 123.46 万 in Chinese, exact in English."""
        if fen is None:
            return self("none")
        return short_yuan(Fen(fen)) if self.language == "zh" else format_yuan(Fen(fen))

    def exact(self, fen: int | None) -> str:
        """Write the exact amount: ¥1,234,567.89."""
        return self("none") if fen is None else format_yuan(Fen(fen))

    def percent(self, share: Fraction | None) -> str:
        """Write a part of a whole with a decimal where it has one: 98.6 %, 40 %."""
        if share is None:
            return self("none")
        return f"{_tenths(share * 1000)} %"

    def points(self, change: Fraction) -> str:
        """Write how a share changed, in percentage points with their sign: +1.2."""
        return f"{'+' if change > 0 else ''}{_tenths(change * 1000)}" if change else "±0"

    def signed(self, change: int) -> str:
        """Write how a number changed, with its sign: +1,200."""
        return f"{change:+,}" if change else "±0"

    def decimal(self, number: Fraction | None) -> str:
        """Write a number with two decimals: 8.40."""
        if number is None:
            return self("none")
        hundredths = round_fen(number.numerator * 100, number.denominator)
        return f"{'-' if hundredths < 0 else ''}{abs(hundredths) // 100}.{abs(hundredths) % 100:02}"

    def proposal(self, reason: str, days: str | None) -> str:
        """Say why a customer is proposed: 3 天后生日, 62 天没有联系."""
        if reason == "birthday" and days == "0":
            return self("proposal.birthday_today")
        key = f"proposal.{reason}"
        return self(key, n=days or "") if key in TABLE else reason

    def size(self, count: int) -> str:
        """Write how large something is: 640 KB, 3.2 MB."""
        if count < 1024 * 1024:
            return f"{max(1, round(count / 1024))} KB"
        return f"{count / 1024 / 1024:.1f} MB"

    def once(self, *parts: str) -> str:
        """Join words with a space, leaving out what was said already: 明天, 三天后 周五."""
        return " ".join(dict.fromkeys(parts))

    def listed(self, parts: list[str]) -> str:
        """Join names or facts as the language does, leaving out the empty ones."""
        return ("、" if self.language == "zh" else ", ").join(filter(None, parts))

    def sentences(self, parts: list[str]) -> str:
        """Join whole sentences as the language does: with a space, or with none."""
        return ("" if self.language == "zh" else " ").join(parts)

    def dotted(self, *parts: str) -> str:
        """Join the short facts of one line, leaving out the empty ones.

        A Chinese font draws the dot as wide as a character, so it brings its own space.
        """
        return ("·" if self.language == "zh" else " · ").join(filter(None, parts))

    def long_day(self) -> str:
        """Write today in full for a header: 11月24日 周二, Tue 24 Nov."""
        today = self._today()
        day, weekday = self._date(today), _WEEKDAYS[self.language][today.weekday()]
        return f"{day} {weekday}" if self.language == "zh" else f"{weekday} {day}"

    def _today(self) -> date:
        return local_time(self.now()).date()

    def _date(self, day: date) -> str:
        this_year = day.year == self._today().year
        if self.language == "zh":
            return (
                f"{day.month}月{day.day}日"
                if this_year
                else f"{day.year}年{day.month}月{day.day}日"
            )
        return f"{day.day} {_MONTHS[day.month - 1]}" + ("" if this_year else f" {day.year}")


def _tenths(number: Fraction) -> str:
    """Write tenths as a number of one decimal, or of none."""
    tenths = round_fen(number.numerator, number.denominator)
    whole, part = divmod(abs(tenths), 10)
    return f"{'-' if tenths < 0 else ''}{whole}{f'.{part}' if part else ''}"
