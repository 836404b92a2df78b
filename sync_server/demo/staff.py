"""The bank's own side of the demo: org units, employees and the visit templates they ask by."""

from datetime import date
from random import Random

from shared.domain import Employee, OrgUnit, VisitTemplate
from shared.domain.employee import Role
from shared.domain.interaction import Purpose
from shared.domain.org_unit import OrgUnitKind
from sync_server.demo.clock import moment, new_id
from sync_server.demo.numbers import mobile_phone

FOUNDED = date(2009, 3, 2)
HEAD_OFFICE = "澜川银行总行"
BRANCH = "云汀分行"

_UNITS: tuple[tuple[str, OrgUnitKind, str | None], ...] = (
    (HEAD_OFFICE, "head_office", None),
    (BRANCH, "branch", HEAD_OFFICE),
    ("湖滨支行", "sub_branch", BRANCH),
    ("学府路支行", "sub_branch", BRANCH),
    ("开发区支行", "sub_branch", BRANCH),
)
_PEOPLE: tuple[tuple[str, str, Role, str, str], ...] = (
    ("AM001", "林晓岚", "account_manager", "湖滨支行", "2016-07-01"),
    ("AM002", "周文渊", "account_manager", "湖滨支行", "2012-03-12"),
    ("AM003", "曾雅婷", "account_manager", "学府路支行", "2019-09-02"),
    ("AM004", "欧阳致远", "account_manager", "学府路支行", "2014-07-01"),
    ("AM005", "许承峰", "account_manager", "开发区支行", "2021-03-01"),
    ("AM006", "解雨珊", "account_manager", "开发区支行", "2023-07-03"),
    ("SV001", "顾明川", "supervisor", BRANCH, "2009-03-02"),
    ("SV002", "梁静宜", "supervisor", "湖滨支行", "2010-08-16"),
    ("AU001", "严思衡", "auditor", HEAD_OFFICE, "2011-05-09"),
    ("OP001", "郑一舟", "operator", BRANCH, "2018-11-05"),
    ("PM001", "沈若川", "product_manager", HEAD_OFFICE, "2013-04-08"),
)
"""Number, name, role, unit, and the day they joined."""
_TEMPLATES: tuple[tuple[Purpose, str, str], ...] = (
    (
        "relationship",
        "关系维护：问近况，不推产品",
        "近来家里或单位有什么变化？\n最近用我行哪些渠道，顺手吗？\n有哪笔钱近期要用，或刚到期？\n"
        "对我们的服务打几分，差在哪里？\n下次什么时间、用什么方式联系最方便？",
    ),
    (
        "account",
        "开户：先弄清用途",
        "开户用来收什么款、付什么款？\n每月大约多少笔、多大金额？\n谁来经办，证件是否齐全？\n"
        "是否需要代发工资或网银多级授权？\n受益所有人是谁，是否已核对？",
    ),
    (
        "deposit",
        "存款：期限与用钱计划",
        "这笔钱什么时候要用？\n中途可能要取吗？\n他行现在给的利率和期限是多少？\n"
        "家里或单位还有哪些钱放在别处？\n到期后转存还是另有安排？",
    ),
    (
        "loan",
        "贷款：用途、来源、担保",
        "借款做什么，有没有合同或订单？\n靠什么还，淡季怎么办？\n现有负债和对外担保各多少？\n"
        "能提供什么抵押或保证？\n最迟什么时候要用到款？",
    ),
    (
        "wealth",
        "理财：先风险，后产品",
        "风险测评是否在有效期内？\n能接受的最大亏损是多少？\n资金可以放多久？\n"
        "以前买过什么，感受如何？\n是否清楚理财不保本、业绩基准不是承诺？",
    ),
    (
        "insurance",
        "保险：缺口与承受力",
        "家里谁是主要收入来源？\n已有哪些保障，保额多少？\n每年能拿出多少保费而不影响生活？\n"
        "是否了解犹豫期和退保损失？\n受益人想写谁？",
    ),
    (
        "post_loan",
        "贷后检查：眼见为实",
        "贷款是否用在约定的地方，看凭证。\n开工、库存、用电用工与上次比如何？\n"
        "主要客户的回款有没有变慢？\n抵押物现状，拍照留存。\n有没有新的借款、担保或诉讼？",
    ),
    (
        "complaint",
        "投诉处理：先听完，再答复",
        "请客户把经过从头说一遍，不打断。\n客户最在意的是什么，希望怎样解决？\n哪些今天能答复，哪些要回去核实？\n"
        "约定答复的时间和方式。\n答复之后，客户认可吗？",
    ),
    (
        "alert",
        "预警核实：先防骗，再服务",
        "是不是有人打电话或加微信让您转这笔钱？\n收款人您见过本人吗？\n对方有没有让您保密、别告诉家人和银行？\n"
        "这笔钱用来做什么，有没有合同？\n要不要请家人一起来，再办也不迟？",
    ),
)


def make_org_units(rng: Random) -> list[OrgUnit]:
    """Make the units, each after its parent."""
    ids = {
        name: new_id(rng, moment(FOUNDED, 9, place)) for place, (name, _, _) in enumerate(_UNITS)
    }
    return [
        OrgUnit(ids[name], name, kind, ids[parent] if parent else None)
        for name, kind, parent in _UNITS
    ]


def make_employees(rng: Random, org_units: list[OrgUnit]) -> list[Employee]:
    """Make the people: six managers, two supervisors, and one of every other role."""
    unit_ids = {unit.name: unit.id for unit in org_units}
    return [
        Employee(
            new_id(rng, moment(FOUNDED, 10, place)),
            number,
            name,
            role,
            unit_ids[unit],
            mobile_phone(rng),
            joined_on=joined,
        )
        for place, (number, name, role, unit, joined) in enumerate(_PEOPLE)
    ]


def make_visit_templates(rng: Random, org_units: list[OrgUnit]) -> list[VisitTemplate]:
    """Make the templates of the branch, one for each purpose that has questions of its own."""
    [branch] = [unit for unit in org_units if unit.kind == "branch"]
    return [
        VisitTemplate(new_id(rng, moment(FOUNDED, 11, place)), branch.id, purpose, name, prompts)
        for place, (purpose, name, prompts) in enumerate(_TEMPLATES)
    ]
