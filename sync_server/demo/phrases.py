"""What managers write after a contact and what they promise next, by need, channel and outcome.

Notes are short and plain, as people type them standing in a doorway; a demo of a search or a
timeline says little when every note reads the same.
"""

from random import Random

from shared.domain import Customer
from shared.domain.customer import Need, Stage
from shared.domain.interaction import Channel, Outcome, Purpose
from shared.domain.task import TaskKind

_Topics = tuple[tuple[str, Purpose], ...]
"""What a conversation is about, with the purpose it is logged under."""

_TOPICS: dict[Need, _Topics] = {
    "liquidity": (("经营性贷款", "loan"), ("装修分期", "loan"), ("随借随还的额度", "loan")),
    "housing": (
        ("二手房按揭", "loan"),
        ("给儿子买婚房的贷款", "loan"),
        ("公积金组合贷", "loan"),
        ("置换学区房的贷款", "loan"),
    ),
    "education": (("留学保证金", "deposit"), ("教育年金", "insurance"), ("教育金定投", "wealth")),
    "retirement": (
        ("养老理财", "wealth"),
        ("商业养老年金", "insurance"),
        ("按月付息存款", "deposit"),
    ),
    "growth": (("固收增强类理财", "wealth"), ("基金定投", "wealth"), ("净值型理财", "wealth")),
    "safety": (
        ("三年期大额存单", "deposit"),
        ("定存转存", "deposit"),
        ("国债", "deposit"),
        ("七天通知存款", "deposit"),
    ),
    "payment": (("工资卡", "account"), ("账单分期", "card"), ("亲情账户", "account")),
    "other": (("日常用款", "relationship"),),
}
_COMPANY_TOPICS: dict[Need, _Topics] = {
    "liquidity": (
        ("流动资金贷款", "loan"),
        ("订单融资", "loan"),
        ("银承贴现", "loan"),
        ("续贷", "loan"),
        ("设备更新贷款", "loan"),
    ),
    "payment": (
        ("代发工资", "account"),
        ("对公结算户", "account"),
        ("收款码和对账", "account"),
        ("网银多级授权", "account"),
    ),
    "growth": (("结构性存款", "deposit"), ("闲置资金理财", "wealth")),
    "safety": (("单位定期存款", "deposit"), ("协定存款", "deposit")),
}
_NO_TOPIC: tuple[str, Purpose] = ("定期存款", "relationship")

_OPENINGS: dict[Channel, tuple[str, ...]] = {
    "visit": ("上门拜访。", "在客户处面谈。", "约好上门，聊得比较细。", "顺路拜访。", ""),
    "call": ("电话沟通。", "回电。", "电话里聊了几句。", ""),
    "wechat": ("微信联系。", "微信发了资料。", "微信上问候。", ""),
}
_BODIES: dict[Outcome, tuple[str, ...]] = {
    "interested": (
        "客户主动问起{topic}，想了解利率和手续。",
        "对{topic}有兴趣，要和家里商量一下。",
        "介绍了{topic}，客户觉得合适，要看书面资料。",
        "客户愿意考虑{topic}，约好下次细谈。",
    ),
    "follow_up": (
        "谈到{topic}，细节还没定，过几天再联系。",
        "{topic}的资料还差一份，客户去补。",
        "客户在比较几家银行的{topic}，希望我行再优惠些。",
        "{topic}方案已讲解，客户请我修改后再发。",
    ),
    "done": (
        "{topic}已办妥，回单交给客户本人。",
        "{topic}手续当场办完，客户满意。",
        "{topic}落地，约好下月回访。",
    ),
    "declined": (
        "客户暂时不考虑{topic}，觉得手续麻烦。",
        "{topic}已在他行办理，半年内不再打扰。",
        "客户说近期太忙，{topic}先放一放。",
    ),
}
_DONE_REMOTELY = (
    "{topic}已在线上办妥，客户确认无误。",
    "{topic}已批下来，告知客户，客户满意。",
    "{topic}落地，约好下月回访。",
)
_COMPANY_FAMILY = ("要和家里商量一下", "要和股东商量一下")
_CHATS = (
    "问候近况，客户暂无新的需求。",
    "客户身体不错，聊了聊孩子的工作。",
    "帮客户处理了手机银行登录的问题。",
    "送上存款到期提醒，客户表示感谢。",
    "了解到客户近期有一笔资金要回来，用途未定。",
)
_COMPANY_CHATS = (
    "了解近况，订单平稳，暂无新的资金需求。",
    "新换了出纳，已教会网银对账。",
    "老板出差，和财务核对了结算流水。",
    "客户说下季度可能增加设备，资金安排未定。",
)
_MISSED: dict[Channel, tuple[str, ...]] = {
    "visit": ("到访未遇，留了名片。", "门卫说人不在，改天再来。", "客户临时外出，未见到。"),
    "call": ("无人接听。", "客户在开会，让晚点再打。", "关机，稍后再试。"),
    "wechat": ("消息未回。", "已读未回，改打电话。"),
}
_COMPLAINTS = (
    "客户反映柜面排队太久，已致歉并说明预约办法。",
    "短信提醒重复扣费，已登记核实。",
    "理财到期没有及时提醒，客户有意见，已解释。",
)
_POST_LOAN = (
    "看了现场和流水，经营正常，还款来源稳定。",
    "开工正常，库存比上次略高，回款账期拉长，需留意。",
    "抵押物现状良好，凭证已拍照。",
    "贷款用途与合同一致，客户询问续贷条件。",
)

_Steps = tuple[tuple[TaskKind, str], ...]
_NEXT_STEPS: dict[Stage, _Steps] = {
    "discovery": (
        ("call", "电话了解资金安排"),
        ("visit", "上门了解需求"),
        ("wechat", "发送产品简介"),
        ("call", "回访，约面谈时间"),
    ),
    "design": (
        ("visit", "带方案上门讲解"),
        ("follow_up", "准备{topic}方案"),
        ("wechat", "发送{topic}资料"),
        ("call", "核对资料清单"),
    ),
    "marketing": (
        ("visit", "上门签约，带齐资料"),
        ("call", "确认{topic}的细节"),
        ("follow_up", "向支行申请{topic}优惠"),
        ("visit", "陪同到网点办理{topic}"),
    ),
    "follow_up": (
        ("call", "满意度回访"),
        ("visit", "回访并了解新的需求"),
        ("wechat", "到期前提醒"),
        ("call", "问问家人或同行有无需要"),
    ),
}
_PROMISED = ("带方案", "准备", "发送", "向支行申请", "陪同", "到期前提醒", "答复")
"""How those steps begin that are done for the customer."""
_RETRY: _Steps = (("call", "再次致电约时间"), ("visit", "换个时间再上门"))
_ANSWER: _Steps = (("call", "答复投诉处理结果"),)

CHANNEL_WORDS: dict[Channel, str] = {"visit": "拜访", "call": "通话", "wechat": "微信"}
OUTCOME_WORDS: dict[Outcome, str] = {
    "interested": "有意向",
    "follow_up": "需跟进",
    "done": "已办成",
    "declined": "已婉拒",
    "not_met": "未见到",
}


def purpose_of(customer: Customer) -> Purpose:
    """Return what a conversation with this customer is about."""
    return _topic(customer)[1]


def note_of(
    rng: Random, customer: Customer, channel: Channel, purpose: Purpose, outcome: Outcome
) -> str:
    """Write the note of a contact."""
    if outcome == "not_met":
        return rng.choice(_MISSED[channel])
    texts = _texts(customer, channel, purpose, outcome)
    body = rng.choice(texts).format(topic=_topic(customer)[0])
    if customer.kind == "organisation":
        body = body.replace(*_COMPANY_FAMILY)
    return rng.choice(_OPENINGS[channel]) + body


def next_step_of(
    rng: Random, customer: Customer, purpose: Purpose, outcome: Outcome
) -> tuple[TaskKind, str]:
    """Say what comes next and how."""
    kind, text = rng.choice(_steps(customer.stage, purpose, outcome))
    return kind, text.format(topic=_topic(customer)[0])


def is_for_the_customer(step: str) -> bool:
    """Whether a next step is one that a customer is promised, and not the bank's own wish."""
    return step.startswith(_PROMISED)


def _texts(
    customer: Customer, channel: Channel, purpose: Purpose, outcome: Outcome
) -> tuple[str, ...]:
    if purpose == "complaint":
        return _COMPLAINTS
    if purpose == "post_loan":
        return _POST_LOAN
    if purpose == "relationship" and outcome in ("done", "follow_up"):
        return _CHATS if customer.kind == "person" else _COMPANY_CHATS
    return _DONE_REMOTELY if outcome == "done" and channel != "visit" else _BODIES[outcome]


def _steps(stage: Stage, purpose: Purpose, outcome: Outcome) -> _Steps:
    if outcome == "not_met":
        return _RETRY
    return _ANSWER if purpose == "complaint" else _NEXT_STEPS[stage]


def _topic(customer: Customer) -> tuple[str, Purpose]:
    """Choose by the customer's id, so that every contact of one need speaks of one thing."""
    if customer.need is None:
        return _NO_TOPIC
    topics = (_TOPICS if customer.kind == "person" else _COMPANY_TOPICS)[customer.need]
    return topics[int(customer.id[-4:], 16) % len(topics)]
