"""Names that sound like the people of a Chinese city and name nobody.

Surnames come as often as in the population, given names by sex and generation; a search, a sort
and a font must meet compound surnames, polyphonic ones and characters outside the basic plane.
"""

from random import Random

from shared.domain.customer import Gender

_COMMON_SURNAMES = (
    "王720李710张660刘520陈470杨300黄210赵210吴200周190徐150孙150马140朱125胡125郭115何115"
    "林110高100罗95郑92梁85谢75宋70唐68许65邓62冯60韩60曹58曾56彭55肖55蔡52潘50田48董48"
    "袁46于46余45叶44蒋43杜42苏42魏41程40吕40丁40沈39任38姚37卢37傅35钟35姜34崔34谭33"
    "廖32范32汪31陆31金30石30戴29贾28韦28夏27邱27方26侯26邹25熊25孟24秦24白23江23阎22薛22"
    "尹21段20雷20黎19史19龙18陶18贺17顾17毛16郝16龚15邵15万14覃14武13钱13戚5翟7查5解5"
    "单6仇5区3缪4盖3乐3尉2"
)
_COMPOUND_SURNAMES = "欧阳8司徒2上官2司马1诸葛1皇甫1尉迟1夏侯1端木1"

_OLD: dict[Gender, str] = {
    "female": "秀英 桂珍 玉兰 淑珍 桂英 秀兰 玉梅 凤英 素芬 惠芳 月娥 金凤 翠莲 美珍 菊香 文秀",
    "male": "建国 德明 国庆 志华 福生 长林 永康 树德 宝山 庆余 永年 根生 世昌 兆丰 友良 荣根",
}
_MIDDLE: dict[Gender, str] = {
    "female": "丽华 晓敏 红梅 海燕 雪琴 春燕 建芳 莉萍 文静 艳霞 冬梅 小红 静宜 慧敏 爱萍 彩云",
    "male": "志刚 建平 海涛 卫东 立新 文斌 晓东 国平 永强 宏伟 少华 金龙 剑峰 学军 春生 卫平",
}
_YOUNG: dict[Gender, str] = {
    "female": "思琪 雨桐 佳怡 梦瑶 诗涵 欣妍 婉清 子墨 若彤 语晨 静姝 可欣 悦宁 嘉禾 知夏 念慈",
    "male": "浩然 子轩 俊杰 宇航 天佑 博文 嘉豪 皓宇 铭泽 睿哲 明轩 一鸣 承志 景行 沐阳 致远",
}
_SINGLE: dict[Gender, str] = {
    "female": "芳敏静丽娟艳霞燕玲倩莹洁慧颖琳婷雯瑾",
    "male": "伟勇军杰涛斌超鹏辉刚峰健波宁凯毅磊洋",
}
_FIRST: dict[Gender, str] = {
    "female": "雅淑婉静思若语欣晓文慧诗佳梦清",
    "male": "志文宇子俊浩建明家承景博思永泽",
}
_LAST: dict[Gender, str] = {
    "female": "婷琳怡萱琪雯妍瑶宁岚茹菲薇蓉珊",
    "male": "华峰明轩涛辉豪霖渊恒彬楠川舟远",
}
_RARE = "喆堃昇淼赟昉珺玥璟暐祎頔翀犇骉垚煊𬭚䶮"

SURE_NAMES: tuple[tuple[str, str, Gender], ...] = (
    ("单", "晓敏", "female"),
    ("仇", "慧宁", "female"),
    ("解", "文彬", "male"),
    ("查", "月娥", "female"),
    ("曾", "永年", "male"),
    ("覃", "雅岚", "female"),
    ("欧阳", "静姝", "female"),
    ("尉迟", "承渊", "male"),
    ("陆", "䶮", "male"),
    ("陶", "𬭚", "male"),
    ("沈", "昱䶮", "male"),
    ("郝", "𬭚远", "male"),
)
"""Names that every demo bank has: polyphonic, compound and rare (U+4DAE, U+2CB5A)."""

_AVOIDED = frozenset({"李毅", "王毅", "李鹏", "王军", "李娜", "张磊", "李宁", "张宁", "王宁"})
"""Names of persons in public life that the material could make."""

_BRANDS = ("锦恒汀澜云瑞禾川启明安泰嘉宏远拓", "屿川禾宸源达海岳诚盛通创丰辰博润")
LONG_TRADES = {
    "制造业": "精密机械配件制造销售",
    "交通运输": "绿色食品冷链仓储配送",
    "医疗健康": "医疗器械进出口及服务",
    "信息技术": "新能源汽车充电桩运营",
    "建筑业": "建筑工程设计咨询监理",
    "农林渔业": "园林景观规划施工养护",
}
TRADES: dict[str, tuple[str, ...]] = {
    "制造业": ("精密机械", "五金制品", "电子元件", "包装材料", "纺织品", "模具"),
    "批发零售": ("商贸", "建材贸易", "食品", "家居用品", "医药"),
    "交通运输": ("物流", "供应链管理", "冷链运输"),
    "信息技术": ("软件", "信息科技", "智能科技", "数据技术"),
    "建筑业": ("建筑工程", "装饰工程", "市政工程"),
    "住宿餐饮": ("餐饮管理", "酒店管理"),
    "农林渔业": ("生态农业", "水产养殖", "茶业"),
    "教育服务": ("教育咨询", "职业培训"),
    "医疗健康": ("医疗器械", "健康管理"),
}


def _weighted(text: str) -> tuple[list[str], list[int]]:
    """Read "王720李710" as surnames and their weights."""
    names: list[str] = []
    weights: list[int] = []
    for sign in text:
        if sign.isdigit():
            weights[-1] = weights[-1] * 10 + int(sign)
        elif names and weights[-1] == 0:
            names[-1] += sign
        else:
            names.append(sign)
            weights.append(0)
    return names, weights


_SURNAMES, _WEIGHTS = _weighted(_COMMON_SURNAMES + _COMPOUND_SURNAMES)


def surname(rng: Random) -> str:
    """Pick a surname as often as the population bears it."""
    return rng.choices(_SURNAMES, _WEIGHTS)[0]


def given_name(rng: Random, gender: Gender, birth_year: int) -> str:
    """Pick a given name of the sex and the generation."""
    way = rng.random()
    if way < 0.03:
        return rng.choice(_FIRST[gender]) + rng.choice(_RARE)
    if way < 0.20:
        return rng.choice(_SINGLE[gender])
    if way < 0.55:
        return rng.choice(_FIRST[gender]) + rng.choice(_LAST[gender])
    return rng.choice(_generation(birth_year)[gender].split())


def person_name(rng: Random, gender: Gender, birth_year: int) -> str:
    """Make a full name that no person in public life is known by."""
    name = surname(rng) + given_name(rng, gender, birth_year)
    return person_name(rng, gender, birth_year) if name in _AVOIDED else name


def company_name(rng: Random, industry: str) -> str:
    """Make a company's registered name: place, brand, trade, form."""
    place = rng.choice(("云汀", "云汀市", "云汀汀洲"))
    form = rng.choice(("有限公司", "有限公司", "有限公司", "股份有限公司"))
    return place + _brand(rng) + rng.choice(TRADES[industry]) + form


def long_company_name(rng: Random, industry: str) -> str:
    """Make a registered name of 24 characters, which no column of a list has room for."""
    return f"云汀市汀洲区{_brand(rng)}{LONG_TRADES[industry]}有限责任公司"


def _brand(rng: Random) -> str:
    return "".join(rng.choice(signs) for signs in _BRANDS)


def _generation(birth_year: int) -> dict[Gender, str]:
    if birth_year < 1962:
        return _OLD
    return _MIDDLE if birth_year < 1985 else _YOUNG
