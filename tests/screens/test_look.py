"""The look: contrast of every pair of colours, and one word for everything in both languages."""

import ast
import re
from fractions import Fraction
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from mobile_app import theme
from mobile_app.i18n import LANGUAGES, Language, Words
from mobile_app.parts import channel_table, quintiles
from mobile_app.parts.frame import _ICONS
from mobile_app.parts.marks import OF_SOURCE
from mobile_app.screens.inbox import KINDS
from mobile_app.state.business import MONTHS, PILLARS
from mobile_app.state.devices import GRAVEST_FIRST
from mobile_app.state.inbox import Action
from mobile_app.state.performance import FIGURES, Place
from mobile_app.state.places import TABS
from mobile_app.state.service import SUBJECTS
from mobile_app.state.visit import CODES, DUES, STEPS
from mobile_app.store.records import ContentState, RecordState
from mobile_app.values import field_name, value_text
from mobile_app.words import TABLE
from mobile_app.words.advice import ADVICE
from mobile_app.words.alerts import ALERTS
from mobile_app.words.attachments import ATTACHMENTS
from mobile_app.words.business import BUSINESS
from mobile_app.words.cases import CASES
from mobile_app.words.closing import CLOSING
from mobile_app.words.codes import CODES as CODES_TABLE
from mobile_app.words.collision import COLLISION
from mobile_app.words.consents import CONSENTS
from mobile_app.words.duplicates import DUPLICATES
from mobile_app.words.fields import FIELDS
from mobile_app.words.inbox import INBOX
from mobile_app.words.pay import PAY
from mobile_app.words.plans import PLANS
from mobile_app.words.prospects import PROSPECTS
from mobile_app.words.records import RECORDS
from mobile_app.words.referrals import REFERRALS
from mobile_app.words.sales import SALES
from mobile_app.words.screens import SCREENS
from mobile_app.words.service import SERVICE
from mobile_app.words.standing import STANDING
from mobile_app.words.worth import WORTH
from shared.commission.qualify import ProblemCode
from shared.commission.rules import Recognition
from shared.domain.attachment import AttachmentKind, MediaType
from shared.domain.churn_risk import ChurnReason
from shared.domain.customer import Need, PartyKind, Stage
from shared.domain.dispute import DisputeStatus
from shared.domain.duplicate import DUPLICATE_STEPS, DuplicateStatus
from shared.domain.duplicate import Reason as DuplicateReason
from shared.domain.employee import Role
from shared.domain.identifier import IdentifierKind
from shared.domain.interaction import Channel, NoFixReason, Outcome, Purpose
from shared.domain.pay_period import PeriodStatus
from shared.domain.provenance import Source
from shared.domain.quintiles import FIFTHS
from shared.domain.retention import Time
from shared.domain.review import ReviewKind
from shared.domain.service_case import SERVICE_STEPS, CaseKind
from shared.domain.task import Promise, TaskKind, TaskStatus
from shared.errors import CATALOGUE
from shared.findings import Standing
from shared.registry import REGISTRY
from tests.screens.memory import DAY_MS, NOW, MemoryDevice
from tests.screens.stage import opened, running

SOURCES = sorted((Path(__file__).parents[2] / "mobile_app").rglob("*.py"))
FAMILIES = {
    "kind": PartyKind,
    "stage": Stage,
    "need": Need,
    "role": Role,
    "identifier": IdentifierKind,
    "channel": Channel,
    "no_fix": NoFixReason,
    "outcome": Outcome,
    "purpose": Purpose,
    "review": ReviewKind,
    "task": TaskKind,
    "task_status": TaskStatus,
    "attached": AttachmentKind,
    "media_type": MediaType,
}
_FACE = TTFont(Path(__file__).parents[2] / "assets" / theme.FONTS[theme.FAMILY])
_GLYPHS, _WIDTHS, _UNITS = _FACE.getBestCmap(), _FACE["hmtx"], _FACE["head"].unitsPerEm
FORMS = ("visit", "correct", "mend")
STATUSES = ("idle", "syncing", "offline", "waiting", "outdated", "signed_out", "revoked")


@pytest.mark.parametrize("palette", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_every_text_stands_out_from_its_ground(palette: theme.Palette) -> None:
    for text, ground in theme.TEXT_PAIRS:
        ratio = theme.contrast(getattr(palette, text), getattr(palette, ground))

        assert ratio >= 4.5, f"{text} on {ground} is {ratio:.2f}"


@pytest.mark.parametrize("palette", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_every_sign_stands_out_from_its_ground(palette: theme.Palette) -> None:
    for sign, ground in theme.ICON_PAIRS:
        ratio = theme.contrast(getattr(palette, sign), getattr(palette, ground))

        assert ratio >= 3.0, f"{sign} on {ground} is {ratio:.2f}"


def test_contrast_is_the_ratio_of_the_standard() -> None:
    assert theme.contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert theme.contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scale", theme.SCALES)
@pytest.mark.parametrize("width", [320, 360, 390, 599])
def test_the_name_of_a_place_is_never_broken(language: Language, scale: float, width: int) -> None:
    words, size = Words(language, lambda: NOW), theme.place_size(language, scale, width)

    assert size >= theme.SIZES["caption"]
    for tabs in TABS.values():
        widest = max(_ems(words(f"tab.{tab}")) for tab in tabs)
        assert widest * size <= width / len(tabs)


def test_the_name_of_a_place_grows_as_far_as_it_fits() -> None:
    assert theme.place_size("zh", 2.0, 390) == 2 * theme.SIZES["caption"]
    assert theme.place_size("en", 2.0, 390) == 15
    assert theme.place_size("en", 2.0, 820) == 2 * theme.SIZES["caption"]
    assert theme.place_size("en", 1.0, 390) == theme.SIZES["caption"]


def test_larger_text_and_the_other_language_give_the_bar_its_size() -> None:
    async def scene() -> None:
        stage = await opened(MemoryDevice())

        for language, size in (("zh", 24), ("en", 15), ("zh", 24)):
            stage.here.look.enlarge("2.0")
            stage.here.look.speak(language)
            await stage.settle()

            assert stage.page.theme
            bar = stage.page.theme.navigation_bar_theme
            assert bar
            assert isinstance(bar.label_text_style, dict)
            assert {style.size for style in bar.label_text_style.values()} == {size}

    running(scene)


def _ems(text: str) -> float:
    """How wide a text of the size 1 is, in the face that the app is drawn with."""
    return float(sum(_WIDTHS[_GLYPHS[ord(character)]][0] for character in text) / _UNITS)


def test_only_the_theme_writes_colours_and_sizes() -> None:
    writing = re.compile(
        r"#[0-9A-Fa-f]{6}\b|\bsize=\d|\bft\.Colors\.|\bpadding=[1-9]|\bspacing=[1-9]"
    )
    found = [
        f"{path.name}: {line.strip()}"
        for path in SOURCES
        if path.parent.name in ("screens", "parts")
        for line in path.read_text(encoding="utf-8").splitlines()
        if writing.search(line)
    ]

    assert found == []


def test_every_word_has_both_languages_with_the_same_places() -> None:
    places = re.compile(r"{(\w+)(?::[^{}]+\|[^{}]+)?}")
    for key, (chinese, english) in TABLE.items():
        assert chinese, key
        assert english, key
        assert set(places.findall(chinese)) == set(places.findall(english)), key


def test_no_part_of_the_table_says_what_another_says() -> None:
    parts = (
        CODES_TABLE,
        SCREENS,
        RECORDS,
        FIELDS,
        CASES,
        INBOX,
        ATTACHMENTS,
        PAY,
        PLANS,
        CLOSING,
        SALES,
        REFERRALS,
        PROSPECTS,
        ALERTS,
        SERVICE,
        WORTH,
        ADVICE,
        CONSENTS,
        COLLISION,
        STANDING,
        BUSINESS,
        DUPLICATES,
    )

    assert len(TABLE) == sum(map(len, parts))


def test_every_field_of_what_people_record_has_a_name() -> None:
    words = Words("zh", lambda: NOW)
    nameless = [
        f"{entity.name}.{field}"
        for entity in REGISTRY.values()
        if entity.author or entity.merge == "fields"
        for field in entity.fields
        if field != "id" and field_name(words, entity.name, field) == words("column.other")
    ]

    assert nameless == []


def test_no_code_of_a_record_shows_as_its_value() -> None:
    words = Words("zh", lambda: NOW)
    shown = [
        code
        for entity in REGISTRY.values()
        for field, hint in get_type_hints(entity.record, include_extras=True).items()
        if entity.author or entity.merge == "fields"
        for code in _literals(hint)
        if field != "field" and value_text(words, entity.name, field, code) == code
    ]

    assert shown == []


def _literals(hint: object) -> list[str]:
    if get_origin(hint) is Literal:
        return list(get_args(hint))
    return [code for inner in get_args(hint) for code in _literals(inner)]


def test_every_refusal_has_a_reason_in_few_words() -> None:
    assert {f"why.{code}" for code in CATALOGUE} - TABLE.keys() == set()


def test_every_word_that_a_screen_asks_for_is_in_the_table() -> None:
    asked = {key for path in SOURCES for key in _asked(path)}

    assert asked
    assert {key for key in asked if key not in TABLE} == set()


def test_every_code_has_a_word() -> None:
    codes = {f"{family}.{code}" for family, codes in FAMILIES.items() for code in get_args(codes)}
    codes |= {f"state.{state.value}" for state in RecordState}
    codes |= {f"state.{state.value}.means" for state in RecordState}
    codes |= {f"content.{state.value}" for state in ContentState}
    codes |= {f"{name}.{code}" for name, listed in CODES.items() for code in listed}
    codes |= {f"step.{code}" for code in (*STEPS, "none")} | {f"due.{code}" for code in DUES}
    codes |= {f"status.{status}" for status in STATUSES}
    codes |= {f"sync.status.{status}" for status in STATUSES}
    codes |= {f"tab.{tab}" for tabs in TABS.values() for tab in tabs}
    codes |= {f"{form}.{foot}" for form in FORMS for foot in ("submit", "safe", "drop")}
    codes |= {f"refused.{action}" for action in get_args(Action)}
    asked = ("discard", "proof", "decline", "team.accept", "team.discard", "dispute")
    steps = {step.after for step in DUPLICATE_STEPS}
    codes |= {f"duplicate_reason.{code}" for code in get_args(DuplicateReason)}
    codes |= {f"duplicate_status.{code}" for code in get_args(DuplicateStatus)}
    codes |= {f"duplicate.{step}{end}" for step in steps for end in ("", ".do", ".ask")}
    codes |= {f"duplicate.underway.{step}" for step in steps}
    codes |= {f"word.{OF_SOURCE[code]}" for code in get_args(Source)}
    codes |= {f"entry.{kind}" for kind in FIGURES.values()} | {f"pay.{name}" for name in FIGURES}
    codes |= {f"place.{place}" for place in get_args(Place)}
    codes |= {f"reason.{code}" for code in (*get_args(Recognition), *get_args(ProblemCode))}
    codes |= {f"recognition.{code}" for code in get_args(Recognition)}
    codes |= {f"dispute_status.{code}" for code in get_args(DisputeStatus)}
    codes |= {f"period.{code}" for code in get_args(PeriodStatus)}
    codes |= {f"{family}.ask" for family in asked}
    codes |= {f"devices.{standing}" for standing in get_args(Standing) if standing != "active"}
    codes |= {f"device.{code}" for code in GRAVEST_FIRST}
    codes |= {f"churn_reason.{code}" for code in get_args(ChurnReason)}
    codes |= {f"business.{code}" for code in (*PILLARS, *MONTHS, *get_args(Time))}
    codes |= {f"business.{code}.figure" for code in PILLARS}
    codes |= {f"business.against.{code}" for code in MONTHS}
    codes |= {f"quintile.{place + 1}" for place in range(FIFTHS)}
    codes |= {f"quintile.column.{name}" for name in quintiles.COLUMNS}
    codes |= {f"channels.column.{name}" for name in channel_table.COLUMNS}
    codes |= {f"inbox.{kind}{end}" for kind in KINDS for end in ("", ".empty")}
    codes |= {f"service.did.{step.after}" for step in SERVICE_STEPS}
    codes |= {f"service.do.{step.after}" for step in SERVICE_STEPS}
    codes |= {f"subject.{kind}.{code}" for kind, some in SUBJECTS.items() for code in some}
    codes |= {f"promise.{code}" for code in get_args(Promise)}
    codes |= {f"entity.{name}" for name in REGISTRY if REGISTRY[name].merge != "server"}

    assert codes - TABLE.keys() == set()
    assert set(SUBJECTS) == set(get_args(CaseKind))


def test_every_role_has_places_and_every_place_an_icon() -> None:
    assert set(TABS) == set(get_args(Role))
    assert {tab for tabs in TABS.values() for tab in tabs} == set(_ICONS)
    assert max(map(len, TABS.values())) <= 5


def test_chinese_sentences_use_chinese_punctuation() -> None:
    slips = [
        key for key, (chinese, _) in TABLE.items() if re.search(r"[\u4e00-\u9fff][,;:?!]", chinese)
    ]

    assert slips == []


def test_no_sentence_raises_its_voice() -> None:
    assert [key for key, texts in TABLE.items() if any(c in "".join(texts) for c in "!！")] == []


def test_times_are_written_as_people_say_them() -> None:
    words = Words("zh", lambda: NOW)

    assert words.moment(NOW).startswith("今天 ")
    assert words.moment(NOW - DAY_MS).startswith("昨天 ")
    assert words.moment(NOW - 3 * DAY_MS) in (
        "周一",
        "周二",
        "周三",
        "周四",
        "周五",
        "周六",
        "周日",
    )
    assert words.moment(NOW - 30 * DAY_MS).endswith("日")
    assert words.long_day().split(" ")[1].startswith("周")
    assert Words("en", lambda: NOW).long_day().split(" ")[1].isdigit()
    assert words.moment(None) == "从未"
    assert words.age(NOW - 30_000) == "刚刚"
    assert words.age(NOW - 5 * 60_000) == "5 分钟前"


def test_amounts_are_short_in_chinese_and_exact_on_request() -> None:
    words = Words("zh", lambda: NOW)

    assert words.amount(123_456_789) == "123.46 万"
    assert words.exact(123_456_789) == "¥1,234,567.89"
    assert Words("en", lambda: NOW).amount(123_456_789) == "¥1,234,567.89"


def test_shares_have_a_decimal_where_there_is_one_and_unknown_ones_a_dash() -> None:
    words = Words("zh", lambda: NOW)

    shares = (Fraction(2, 3), Fraction(2, 5), Fraction(1, 2000), Fraction(-1, 2000))
    assert [words.percent(each) for each in shares] == ["66.7 %", "40 %", "0.1 %", "-0.1 %"]
    assert words.percent(None) == words.decimal(None) == "—"
    assert [words.decimal(each) for each in (Fraction(42, 5), Fraction(-1, 3))] == ["8.40", "-0.33"]


def test_english_has_another_word_for_one_than_for_many() -> None:
    words = Words("en", lambda: NOW)

    said = [words("field.visits", n=n) for n in (0, 1, 2)]
    assert said == ["0 visits", "1 visit", "2 visits"]
    assert words("issues_n", n=1) == "1 needs you"
    assert words("business.took", minutes="1,200", n="1") == "1,200 min, 1 contact"
    assert Words("zh", lambda: NOW)("field.visits", n=1) == "拜访 1"


def test_english_counts_nothing_in_one_word_alone() -> None:
    """A number before a word in -s would be wrong where it is one."""
    never_one = {"enrol.pin", "enrol.short_pin", "duplicate.points.means", "merged.of_many",
                 "holdings.all", "churn.products_closed", "inbox.duplicates.decided",
                 "responses.days", "channels.thin", "channels.note", "trace.defer",
                 "business.low.change", "business.gold.change"}  # fmt: skip
    counting = re.compile(r"{(n|s|days|points|minutes)} ([a-z]+s|people)\b")
    counted = {key for key, (_, english) in TABLE.items() if counting.search(english)}

    assert counted - never_one == set()


def test_changes_have_their_sign() -> None:
    words = Words("zh", lambda: NOW)

    changes = (Fraction(1, 8), Fraction(-1, 8), Fraction(0))
    assert [words.points(each) for each in changes] == ["+12.5", "-12.5", "±0"]
    assert [words.signed(each) for each in (1_200, -3, 0)] == ["+1,200", "-3", "±0"]


def test_both_languages_are_offered() -> None:
    assert LANGUAGES == ("zh", "en")


def _asked(path: Path) -> list[str]:
    """The literal keys of calls like words("..."), Said("...") and empty(words("..."))."""
    names = {"words", "Said"}
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        first = node.args[0]
        if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
            continue
        if called in names or (path.name == "i18n.py" and called == "self"):
            found.append(first.value)
    return found
