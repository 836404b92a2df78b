"""Words of what a customer is worth: contribution, score, tier. Never shown to the customer."""

WORTH: dict[str, tuple[str, str]] = {
    "worth": ("客户价值", "Customer value"),
    "tier.basic": ("普通客户", "Basic"),
    "tier.silver": ("白银客户", "Silver"),
    "tier.gold": ("黄金客户", "Gold"),
    "tier.platinum": ("白金客户", "Platinum"),
    "worth.contribution": ("一年贡献度", "Contribution in a year"),
    "worth.score": ("{points} 分", "{points} points"),
    "worth.revenue": ("收入", "Revenue"),
    "worth.cost": ("服务成本", "Cost to serve"),
    "worth.loss": ("预期损失", "Expected loss"),
    "worth.ratio": ("收入是成本的 {ratio} 倍", "Revenue is {ratio} times the cost"),
    "worth.at": ("算于 {when}", "Worked out {when}"),
    "worth.inside": ("仅供内部，不给客户看", "For the bank only, never for the customer"),
    "worth.below": ("低于等级线 {n} 个月", "Below the tier's line for {n} months"),
    "worth.watched": (
        "关注：低于等级线已 {n} 个月，再过 {left} 个月等级会下降",
        "Watch: below the line for {n} months; the tier falls in {left}",
    ),
    "worth.why": ("得分的理由", "What gave the points"),
    "worth.lines": ("怎么算的", "How it comes about"),
    "worth.show": ("看怎么算的", "Show how"),
    "worth.hide": ("收起", "Hide"),
    "reason.contribution": ("贡献度", "Contribution"),
    "reason.assets": ("资产", "Assets"),
    "reason.breadth": ("产品种类", "Kinds of products"),
    "reason.satisfaction": ("满意度", "Satisfaction"),
    "line.spread": (
        "{of}利差：{base} x {rate}",
        "{of} spread: {base} x {rate}",
    ),
    "line.loss": (
        "{of}预期损失：{base} x {rate}",
        "{of} loss: {base} x {rate}",
    ),
    "line.fee": ("{of}手续费", "{of} fees"),
    "line.minutes": (
        "{of}：{base} 分钟 x {rate}",
        "{of}: {base} minutes x {rate}",
    ),
    "line.contacts": (
        "{of}：{base} 次 x {rate}",
        "{of}: {base} contacts x {rate}",
    ),
}
