"""Words of commission: the user's own month, its figures, how they came about, and disputes."""

PAY: dict[str, tuple[str, str]] = {
    "tab.performance": ("业绩", "Results"),
    "pay.title": ("业绩", "Performance"),
    "pay.earlier": ("上一月", "Earlier month"),
    "pay.later": ("下一月", "Later month"),
    "pay.estimate": ("预估应发", "Estimated pay"),
    "pay.estimate.rule": (
        "预估：未确认的都得到银行确认时。按 {day}起的规则",
        "Estimate: if the bank confirms what is open. Rules from {day}",
    ),
    "pay.estimate.no_rule": (
        "预估：还没有计入的销售",
        "Estimate: no sale counts yet",
    ),
    "pay.payable": ("应发", "Payable"),
    "pay.closed": ("已关账，不再变动。", "Closed; this never changes."),
    "pay.confirmed": ("已确认", "Confirmed"),
    "pay.opening_carry": ("上月结转", "Carried in"),
    "pay.closing_carry": ("结转下月", "Carried on"),
    "pay.receivable": ("离职后的应收款", "Receivable after leaving"),
    "pay.earned": ("销售所得", "Earned"),
    "pay.trimmed": ("封顶扣减", "Over the cap"),
    "pay.quality": ("质量系数", "Quality"),
    "pay.deferred": ("递延", "Deferred"),
    "pay.released": ("释放", "Released"),
    "pay.clawed": ("追索", "Clawback"),
    "pay.adjusted": ("往月调整", "Adjustments"),
    "pay.sale": ("这笔销售", "This sale"),
    "pay.made_of": ("由这些明细组成", "Made of"),
    "pay.made_of.none": ("没有明细", "No entries"),
    "pay.reckoning": ("结算", "Reckoning"),
    "pay.debt": (
        "这个月欠 {amount}，应发为零，结转到下月抵扣。",
        "{amount} is owed this month: nothing is paid, and it is carried into the next.",
    ),
    "entry.EARN": ("销售所得", "Earned"),
    "entry.CAP_TRIM": ("封顶扣减", "Over the cap"),
    "entry.QUALITY": ("质量系数", "Quality"),
    "entry.DEFER": ("递延", "Deferred"),
    "entry.RELEASE": ("释放", "Released"),
    "entry.CLAWBACK": ("追索", "Clawback"),
    "entry.ADJUST": ("往月调整", "Adjustment"),
    "period.open": ("进行中", "Open"),
    "period.review": ("复核中", "Under review"),
    "period.closing": ("关账中", "Closing"),
    "period.closed": ("已关账", "Closed"),
    # Targets
    "aim.title": ("目标", "Targets"),
    "aim.reached": ("{done} / {target}", "{done} of {target}"),
    "aim.hoped": ("预估 {n}", "estimated {n}"),
    "aim.ring": ("{what} 目标完成 {n} %", "{what}: {n} % of the target"),
    # Agreement with the server
    "agree.title": ("与网点核对", "Against the branch"),
    "agree.agrees": (
        "与网点一致：本机和网点用同样的事实各算一遍，每一分都相同。",
        "Equal: this device and the branch computed the same facts apart, to the same fen.",
    ),
    "agree.differs": (
        "与网点还不一致：本机算得应发 {here}，网点 {there}。多半是有几笔变动还没有同步完，"
        "数据不会丢；同步后仍不一致，请提异议。",
        "Not equal yet: {here} payable here, {there} at the branch. Most likely some changes are "
        "still on their way and nothing is lost; if it stays, raise a dispute.",
    ),
    "agree.none": (
        "网点还没有算这个月。上面的数是本机按已有的事实算的，同步后可以核对。",
        "The branch has not computed this month yet. These figures are this device's own and can "
        "be compared after a sync.",
    ),
    "agree.uncounted": (
        "网点还没有算进这 {n} 笔：银行系统还没有确认，只在预估里。",
        "{n:sale is|sales are} not counted by the branch: not confirmed by the bank yet, so in "
        "the estimate only.",
    ),
    "agree.computed": ("网点算于 {when}", "Computed by the branch {when}"),
    # Sales
    "pay.sales": ("本月的销售", "Sales of the month"),
    "pay.troubled": ("需留意", "Needs a look"),
    "pay.sale.gone": ("这笔不在这个月里", "Not in this month"),
    "pay.gone": ("这里没有这一项", "Nothing here"),
    "pay.gone.hint": (
        "它可能在另一个月，或者刚刚重算过。数据都在。",
        "It may be in another month, or was just computed anew. Nothing is lost.",
    ),
    "pay.choose": ("点一个数", "Tap a figure"),
    "pay.choose.hint": (
        "每个数都能点开：由哪些明细组成，每一笔怎么算的。",
        "Each opens to show what it is made of and how every entry came about.",
    ),
    "pay.to_month": ("看{month}", "See {month}"),
    "pay.nothing": ("还没有", "Nothing yet"),
    "pay.unknown_product": ("产品 {code}", "Product {code}"),
    "place.confirmed": ("已确认", "Confirmed"),
    "place.estimated": ("预估", "Estimate"),
    "place.waiting": ("等待", "Waiting"),
    "place.held": ("暂挂", "Held"),
    "place.problem": ("算不出", "No figure"),
    "place.cancelled": ("已撤销", "Cancelled"),
    "reason.APPLIED": ("等银行确认申请", "Waits for the application"),
    "reason.ACTIVATED": ("等激活", "Waits for activation"),
    "reason.DISBURSED": ("等放款", "Waits for disbursement"),
    "reason.FUNDED": ("等资金到账", "Waits for funding"),
    "reason.COOLED_OFF": ("等犹豫期结束", "Waits for the cooling-off"),
    "reason.partners": (
        "等同事答复分成。同事接受后才计入，可以提醒一下。",
        "Waits for a colleague's answer to the split; counts once accepted. Remind them.",
    ),
    "reason.offered": (
        "同事提议的分成，等你接受或提出异议。",
        "A colleague proposes a split; accept or dispute it.",
    ),
    "reason.disputed": (
        "分成有异议，等主管裁定。裁定前谁都不计。",
        "The split is disputed; a supervisor decides, and nobody is credited before.",
    ),
    "reason.contested": (
        "同一业务编号有两人认领，等主管裁定。请备好凭证。",
        "Two claims on one reference; a supervisor decides. Have your proof ready.",
    ),
    "reason.decided": (
        "主管已裁定，这笔不计给你。不同意可以提异议。",
        "A supervisor has decided that it is not yours. You can raise a dispute.",
    ),
    "reason.no_rule": (
        "这一天没有适用的佣金规则，不会算成零。请告诉主管补规则。",
        "No rule is in force on its day; it is not counted as zero. Tell your supervisor.",
    ),
    "reason.two_rules": (
        "同时有两条规则适用，等产品经理改正。请告诉主管。",
        "Two rules apply at once and must be corrected. Tell your supervisor.",
    ),
    "reason.no_quantity": (
        "规则按件数算，这笔没有件数。请更正这笔销售。",
        "The rule counts pieces and this has none. Correct the sale.",
    ),
    "reason.no_amount": (
        "规则按金额算，这笔没有金额。请更正这笔销售。",
        "The rule needs an amount and this has none. Correct the sale.",
    ),
    "reason.clawed": ("已撤销，按规则追索", "Cancelled; clawed back by the rule"),
    "reason.dropped": ("确认前撤销，不计", "Cancelled before it counted"),
    "recognition.APPLIED": ("申请", "Applied"),
    "recognition.ACTIVATED": ("激活", "Activated"),
    "recognition.DISBURSED": ("放款", "Disbursed"),
    "recognition.FUNDED": ("到账", "Funded"),
    "recognition.COOLED_OFF": ("犹豫期结束", "Cooled off"),
    # Deferral
    "pay.by_year": ("递延，按年释放", "Deferred, by year"),
    "pay.year": ("{year} 年", "{year}"),
    "pay.by_year.hint": (
        "到期月的最后一天释放；客户撤销时先从最近到期的一期扣。",
        "Released on the last day of the month it is due; a cancellation takes the next due first.",
    ),
    # Traces
    "trace.steps": ("怎么算的", "Step by step"),
    "trace.tiers": ("分档", "By tier"),
    "trace.rule": ("规则", "Rule"),
    "trace.rule.version": ("{rule}，第 {n} 版", "{rule}, version {n}"),
    "trace.rule.since": ("自 {day}起", "from {day}"),
    "trace.rule.why": ("改版原因：{text}", "Why: {text}"),
    "trace.ten_thousand": ("{n} 万", "{n} x 10,000"),
    "trace.slice": ("{low} 起，{high} 以下", "{low} to below {high}"),
    "trace.slice_on": ("{low} 起", "{low} and more"),
    "trace.until": ("，到 {day}前", ", until before {day}"),
    "trace.qualify": (
        "{day}{event}，算在 {month}；用第 {version} 版规则（{since}起{until}）。",
        "{event} {day}, so it counts in {month}, under version {version} of the rule (from "
        "{since}{until}).",
    ),
    "trace.whole": ("整笔：{sum}。", "The whole sale: {sum}."),
    "trace.split": ("你的分成 {share}：{sum}。", "Your share is {share}: {sum}."),
    "trace.split_amount": (
        "金额按你的分成 {share} 算：{sum}。",
        "Your {share} of the amount: {sum}.",
    ),
    "trace.tier": (
        "分档按本月累计：这笔之前累计 {before}，共得 {paid}；加上这笔累计 {after}，共得 {total}。"
        "这笔得 {due}。",
        "Tiers fill over the month: {before} before this sale earned {paid}; with it {after} earn "
        "{total}. This sale earns {due}.",
    ),
    "trace.accelerated": (
        "目标完成 {reached}，达到 {at}，加速：{sum}。",
        "{reached} of the target, which reaches {at}: {sum}.",
    ),
    "trace.not_accelerated": (
        "目标完成 {reached}，还没到加速的一档。",
        "{reached} of the target; no accelerator is reached yet.",
    ),
    "trace.cap": (
        "这条规则每月封顶 {cap}，本月得了 {earned}，多出的不发。",
        "The rule caps a month at {cap}; {earned} was earned, and what is above is not paid.",
    ),
    "trace.quality": (
        "本月质量系数 {weight}：{of} 按它加权，差额 {amount}。",
        "This month's quality coefficient is {weight}: it weighs {of}, which makes {amount}.",
    ),
    "trace.defer": (
        "{of} 的 {rate} 递延（不足一分进一分），分 {years} 年等额释放，每年同月最后一天到期。",
        "{rate} of {of} is held back, rounded up to a fen, and released over {years} years in "
        "equal parts on the last day of the same month.",
    ),
    "trace.tranche": ("{month}第 {n} 期", "Tranche {n} of {month}"),
    "trace.release": (
        "{month}递延的第 {n} 期，{day}到期，发放 {amount}。",
        "Tranche {n} of what {month} held back is due on {day}: {amount} is paid.",
    ),
    "trace.forfeit": (
        "{month}递延的第 {n} 期（{day}到期）抵了追索 {amount}，到期不再发。",
        "{amount} of tranche {n} of {month}, due on {day}, goes against the clawback and is not "
        "paid later.",
    ),
    "trace.clawback": (
        "{since}确认，{day}撤销，在第 {month} 个月里；规则要退还 {rate}。",
        "Recognised {since}, cancelled {day}, in its month {month}: the rule takes {rate} back.",
    ),
    "trace.mirror": (
        "按原来的分成退，和今天谁管户无关。",
        "It goes by the original split, whoever looks after the customer today.",
    ),
    "trace.adjust": (
        "{month}已关账，当时是 {before}；按后来的事实应是 {after}，差额 {amount} 记在本月。",
        "{month} is closed with {before}; by what is known since it should be {after}, and "
        "{amount} is posted in this month.",
    ),
    # Disputes
    "entity.dispute": ("异议", "Dispute"),
    "dispute.do": ("异议", "Dispute"),
    "dispute.of": ("对{what}提异议", "Dispute: {what}"),
    "dispute.ask": ("哪里不对？", "What should be different?"),
    "dispute.chip.1": ("少算了一笔", "A sale is missing"),
    "dispute.chip.2": ("分成不对", "The split is wrong"),
    "dispute.chip.3": ("金额或件数不对", "Amount or pieces are wrong"),
    "dispute.chip.4": ("用错了规则", "The wrong rule"),
    "dispute.chip.5": ("不该追索", "Should not be clawed back"),
    "dispute.send": ("提出异议", "Raise it"),
    "dispute.due": ("提出后应在 {day}前答复。", "To be answered by {day}."),
    "dispute.waiting": ("等答复，最迟 {day}", "Waits, due {day}"),
    "dispute.title": ("我的异议", "My disputes"),
    "dispute.withdraw": ("撤回", "Withdraw"),
    "dispute.answer": ("答复：{text}", "Answer: {text}"),
    "dispute.head": ("{month}{figure} {amount}", "{month}, {figure} {amount}"),
    "dispute_status.open": ("等答复", "Waiting"),
    "dispute_status.upheld": ("成立", "Upheld"),
    "dispute_status.declined": ("不成立", "Declined"),
    "dispute_status.withdrawn": ("已撤回", "Withdrawn"),
    "column.dispute.period": ("结算月", "Month"),
    "column.dispute.figure": ("哪个数", "Figure"),
    "column.dispute.amount": ("数额", "Amount"),
    "column.dispute.claim": ("异议", "Objection"),
    "column.dispute.due_on": ("最迟答复", "Due"),
    "column.dispute.rule": ("佣金规则", "Rule"),
    "column.dispute.sale_id": ("销售", "Sale"),
    # Files
    "pay.files": ("结算单", "Statement"),
    "pay.csv": ("存为表格", "Save as CSV"),
    "pay.pdf": ("存为 PDF", "Save as PDF"),
    "pay.saved": ("已存为 {file}。", "Saved as {file}."),
    "sheet.title": ("佣金结算单 {month}", "Commission statement, {month}"),
    "sheet.file": ("佣金结算单", "commission"),
    "sheet.standing": ("{status}，{day}生成于本机", "{status}, made on the device {day}"),
    "sheet.kind": ("类别", "Kind"),
    "sheet.product": ("产品、客户", "Product, customer"),
    "sheet.customer": ("客户", "Customer"),
    "sheet.rule": ("规则", "Rule"),
    "sheet.formula": ("怎么算的", "How"),
    "sheet.amount": ("金额（元）", "Amount (CNY)"),
    "sheet.page": ("第 {n} 页，共 {of} 页", "Page {n} of {of}"),
    "pay.empty": ("{month}还没有业绩", "Nothing in {month} yet"),
    "pay.empty.hint": (
        "记下销售后，这里马上显示预估；银行确认后变成已确认，每个数都能点开看怎么算的。",
        "Once a sale is logged its estimate stands here; the bank's word confirms it, and every "
        "figure opens to show how it came about.",
    ),
    "pay.empty.do": ("找客户", "Find a customer"),
}
