"""Streets of 云汀市汀洲区, a district that is on no map, with coordinates that fit one another.

Routes, distances and "nearby" must come out believable, so a house stands on its street and a
street near its sub-branch. The whole district lies on the open water of a bay: no point in it is
anyone's door.
"""

from dataclasses import dataclass
from math import cos, radians
from random import Random

ORIGIN = (30.500, 121.500)
"""The south-west corner of the district, degrees north and east (WGS 84)."""
EXTENT_M = 6_000
METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Street:
    """A straight street from a point given in metres east and north of the origin."""

    name: str
    east: int
    north: int
    runs_east: bool
    homes: tuple[str, ...]
    offices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Address:
    """A written address with its point on the map."""

    text: str
    latitude: float
    longitude: float


def _street(name: str, east: int, north: int, way: str, homes: str, offices: str) -> Street:
    return Street(name, east, north, way == "东", tuple(homes.split()), tuple(offices.split()))


QUARTERS: dict[str, tuple[Street, ...]] = {
    "湖滨支行": (
        _street("望湖路", 300, 600, "东", "望湖花园 听澜苑 碧波新村", "望湖大厦 湖滨国际中心"),
        _street("柳荫街", 500, 400, "北", "柳荫里 汀兰小区 荷风苑", "柳荫商务楼"),
        _street("渡口巷", 900, 900, "东", "渡口新村 老码头公寓", "渡口商贸城"),
        _street("荷塘路", 1300, 300, "北", "荷塘月苑 水岸名邸 荷塘一村", "荷塘科创楼"),
        _street("南屿路", 200, 1500, "东", "南屿公馆 南屿小区", "南屿广场"),
    ),
    "学府路支行": (
        _street("学府路", 2300, 2300, "东", "学府名苑 书香里 学府一村", "学府大厦 云汀软件楼"),
        _street("文澜街", 2600, 2100, "北", "文澜小区 梧桐公寓", "文澜中心"),
        _street("梧桐路", 2200, 2900, "东", "梧桐新苑 静安里 东梧花园", "梧桐商务广场"),
        _street("松风路", 3200, 2000, "北", "松风苑 松涛小区", "松风创意园"),
        _street("杏坛巷", 2400, 3300, "东", "杏坛小区 桃李苑", "杏坛教育大厦"),
    ),
    "开发区支行": (
        _street("创业大道", 3900, 4100, "东", "创业人才公寓 云谷家园", "云汀科技园 创业大厦"),
        _street("兴汀路", 4200, 3900, "北", "兴汀家园 兴汀二村", "兴汀工业园 兴汀标准厂房"),
        _street("云帆路", 3800, 4700, "东", "云帆花苑 海棠湾", "云帆物流园 云帆国际"),
        _street("百工路", 4800, 3800, "北", "百工新村", "百工智造园 百工产业园"),
        _street("星河路", 4000, 5200, "东", "星河湾 星河雅苑", "星河数字港"),
    ),
}
"""Streets by the sub-branch that they surround."""

_SITE_SPACING_M = 220


def home_address(rng: Random, quarter: str) -> Address:
    """Pick a flat, four times out of five in the quarter itself."""
    street = rng.choice(QUARTERS[_near(rng, quarter)])
    site = rng.randrange(len(street.homes))
    flat = (
        f"{rng.randint(1, 24)}幢{rng.randint(1, 4)}单元{rng.randint(1, 17)}0{rng.randint(1, 4)}室"
    )
    return _address(rng, street, site, street.homes[site] + flat)


def office_address(rng: Random, quarter: str) -> Address:
    """Pick an office or a workshop."""
    street = rng.choice(QUARTERS[_near(rng, quarter)])
    site = rng.randrange(len(street.offices))
    room = f"{rng.choice('ABCD')}座{rng.randint(1, 22)}{rng.randint(1, 16):02d}室"
    return _address(rng, street, site + len(street.homes), street.offices[site] + room)


def point_near(rng: Random, latitude: float, longitude: float, metres: int) -> tuple[float, float]:
    """Return a point some metres away, as a receiver in the street would report it."""
    east, north = (rng.uniform(-metres, metres) for _ in range(2))
    return _moved(latitude, longitude, east, north)


def _near(rng: Random, quarter: str) -> str:
    return quarter if rng.random() < 0.8 else rng.choice(sorted(QUARTERS))


def _address(rng: Random, street: Street, site: int, place: str) -> Address:
    along = 40 + site * _SITE_SPACING_M + rng.uniform(0, 120)
    across = rng.uniform(15, 70) * (1 if site % 2 else -1)
    east, north = (along, across) if street.runs_east else (across, along)
    point = _moved(*ORIGIN, street.east + east, street.north + north)
    return Address(f"云汀市汀洲区{street.name}{18 + site * 46 + site % 2}号{place}", *point)


def _moved(latitude: float, longitude: float, east: float, north: float) -> tuple[float, float]:
    per_degree_east = METRES_PER_DEGREE * cos(radians(ORIGIN[0]))
    return (
        round(latitude + north / METRES_PER_DEGREE, 6),
        round(longitude + east / per_degree_east, 6),
    )
