"""Words of referrals, and of what follows from an alert or from one of them."""

REFERRALS: dict[str, tuple[str, str]] = {
    "entity.referral": ("转介", "Referral"),
    "referral_status.offered": ("待接受", "Offered"),
    "referral_status.accepted": ("已接受", "Accepted"),
    "referral_status.declined": ("已婉拒", "Declined"),
    "referral_status.withdrawn": ("已撤回", "Taken back"),
    "referral_status.done": ("已办结", "Done"),
    "column.referral.name": ("联系谁", "Whom to talk to"),
    "column.pay_bp": ("转介人分成", "Referrer's share"),
    "column.for_id": ("关于哪位客户", "About which customer"),
    "referrals": ("转介", "Referrals"),
    "referrals.to_answer": ("同事转介给我", "Referred to me"),
    "referrals.none": (
        "客户有同事更擅长的需求时，从这里转给同事，成了按约定分成。",
        "When a colleague can serve a need better, pass it on from here; what comes of it is "
        "shared as agreed.",
    ),
    "referral.add": ("转介给同事", "Refer to a colleague"),
    "referral.name.ask": ("联系谁", "Whom to talk to"),
    "referral.name": ("对方姓名", "Their name"),
    "referral.contact": ("怎么联系（可不填）", "How to reach them (optional)"),
    "referral.need": ("要办什么", "What they need"),
    "referral.amount": ("大概多少（元，可不填）", "About how much (yuan, optional)"),
    "referral.to": ("转给哪位同事", "To which colleague"),
    "referral.percent": ("办成后我分（%）", "My share of what comes of it (%)"),
    "referral.percent.hint": (
        "同事接受就算约定好了，之后由它办成的每一笔都按这个分。",
        "Once your colleague accepts it is agreed, and every sale that follows is shared so.",
    ),
    "referral.note": ("同事要知道的（可不填）", "What your colleague should know (optional)"),
    "referral.save": ("转介", "Refer"),
    "referral.hint": (
        "先存本机，连上后到同事的今日。",
        "Saved here at once; it reaches your colleague's day when linked.",
    ),
    "referral.missing.name": ("还差联系谁", "Whom to talk to is missing"),
    "referral.missing.need": ("还差要办什么", "The need is missing"),
    "referral.missing.amount": ("金额不对，也可以不填", "Not an amount; it may be left out"),
    "referral.missing.to": ("还差转给谁", "The colleague is missing"),
    "referral.missing.percent": (
        "还差我的分成：大于 0，不到 100 %",
        "Your share is missing: above 0 and below 100 %",
    ),
    "referral.by": ("{name}转介", "from {name}"),
    "referral.path": ("{a} → {b}", "{a} → {b}"),
    "referral.at": ("来自客户 {name}", "from customer {name}"),
    "referral.agreed": (
        "办成后 {name} 分 {percent} %",
        "{name} has {percent} % of what comes of it",
    ),
    "referral.declined": ("婉拒原因：{text}", "Declined: {text}"),
    "referral.accept": ("接受转介", "Accept"),
    "referral.decline": ("婉拒", "Decline"),
    "referral.withdraw": ("撤回", "Take it back"),
    "referral.finish": ("办结", "Done with it"),
    "referral.stranger": (
        "名下没有这个姓名的客户，也可以先接受；成为客户后记销售时再选它。",
        "None of your customers has this name. You may accept all the same, and choose it when "
        "you log a sale to them later.",
    ),
    "decline_referral.ask": ("为什么婉拒", "Why it is declined"),
    "decline_referral.chip.busy": ("近期排不开", "No time soon"),
    "decline_referral.chip.unfit": ("条件不符合", "Conditions not met"),
    "decline_referral.chip.other": ("更适合别的同事", "Another colleague suits better"),
    # What it follows from, and what came of it
    "source": ("来自", "Comes of"),
    "source.alert": ("来自这次预警", "Comes of this alert"),
    "source.hint": (
        "从转介来的，按当时约定的分成。",
        "What comes of a referral is shared as agreed.",
    ),
    "source.split": (
        "按转介约定：{name} {percent} %，其余归我，不用再等同事答复。",
        "As agreed: {name} has {percent} %, the rest is mine, and nobody has to answer again.",
    ),
    "outcomes": ("后续成果", "What came of it"),
    "outcomes.none": (
        "由它留住的存款、转介办成的业务，记销售时选了来源，都会列在这里。",
        "Deposits that stayed and what colleagues made of a referral stand here, once a sale "
        "names its source.",
    ),
}
