"""Words of the inbox: what a supervisor decides, change requests, and the devices of the team."""

INBOX: dict[str, tuple[str, str]] = {
    "tab.inbox": ("待处理", "Inbox"),
    "inbox.title": ("待处理", "Inbox"),
    "inbox.conflicts": ("两种说法 {n}", "Two versions {n}"),
    "inbox.refused": ("没被接收 {n}", "Refused {n}"),
    "inbox.requests": ("变更申请 {n}", "Requests {n}"),
    "inbox.customer": ("看客户", "Open customer"),
    "inbox.customer.of": ("看客户{name}", "Open {name}"),
    "inbox.empty": ("没有等你处理的", "Nothing waits for you"),
    "inbox.empty.hint": (
        "两个人改得不一样的、没被接收的记录、要批的变更申请、疑似重复的客户，都会到这里。",
        "Fields that two people changed, records that were refused, change requests and possible "
        "duplicates arrive here.",
    ),
    "inbox.conflicts.empty": (
        "没有两个人改得不一样的内容。",
        "Nobody's edits differ.",
    ),
    "inbox.refused.empty": (
        "团队的记录都收下了。",
        "All of the team's records were accepted.",
    ),
    "inbox.requests.empty": (
        "没有等你批的变更申请。",
        "No change request waits for you.",
    ),
    "inbox.none_chosen": ("细节会在这里", "Details stand here"),
    "inbox.none_chosen.hint": (
        "在左边点“看客户”、一件工单或一对疑似重复，会在这里打开。",
        "Tap “Open customer”, a case or a possible duplicate on the left; it opens here.",
    ),
    # A colleague's refused work
    "team.own": ("我自己的", "My own"),
    "inbox.team": ("团队的", "The team's"),
    "team.accept": ("收入档案", "Take it in"),
    "team.discard": ("放弃", "Discard"),
    "team.accept.ask": ("凭什么收入档案？", "Why take it in?"),
    "team.accept.chip.true": ("已核实属实", "Checked and true"),
    "team.accept.chip.moved": ("客户移交前的工作", "Work before the hand-over"),
    "team.accept.chip.left": ("替离职同事收下", "On behalf of one who left"),
    "team.discard.ask": (
        "为什么放弃？记录人能看到。",
        "Why discard it? Its author sees this.",
    ),
    "team.discard.chip.twice": ("别处已有同一条", "It is there already"),
    "team.discard.chip.wrong": ("记错了客户", "Wrong customer"),
    "team.discard.chip.test": ("只是试着填的", "Only a try"),
    "team.discard.chip.agreed": ("已和本人说好", "Agreed with its author"),
    "team.why.not_yours": (
        "送到时这位客户不在{name}名下。内容完整；属实就收入档案，仍算{name}的记录。",
        "The customer was not {name}'s when it arrived. It is kept whole; if it is true, take it "
        "in under {name}'s name.",
    ),
    "team.why.device_revoked": (
        "{name}的设备已停用，或人已离职。没送完的工作交回到这里，内容完整；属实就收入档案。",
        "{name}'s device was revoked, or {name} has left. This was handed in and is kept whole; "
        "if it is true, take it in.",
    ),
    "team.why.unknown_customer": (
        "共享档案里没有这位客户。内容完整；客户建档后可以收入，或请{name}换一位客户重发。",
        "The record has no such customer. It is kept whole; take it in once the customer is "
        "there, or have {name} choose another one.",
    ),
    "team.why.invalid": (
        "有一处填得不对，照原样收不进去。内容完整，请{name}改后重发。",
        "One field is not valid, so it cannot be taken in as it is. It is kept whole; {name} "
        "corrects and resends it.",
    ),
    "team.why.stale_transition": (
        "这一步送到时，状态已经变了，收不进去。内容完整，请{name}去掉这一步后重发。",
        "The state had moved on when this arrived. It is kept whole; {name} sends the rest "
        "without this step.",
    ),
    "team.why.gone": (
        "要改的那条已被删除，收不进去。内容完整，还需要的话请{name}另存为新记录。",
        "The record was deleted meanwhile. The edit is kept whole; {name} saves it as a new "
        "record if it is still needed.",
    ),
    "team.why.guarded_field": (
        "这个项目要审批才能改，现值没有动。请{name}改为提交变更申请。",
        "This field changes only with approval; its value stays. {name} files a change request.",
    ),
    "team.why.never": (
        "照原样收不进去。内容完整，请{name}在自己的设备上改后重发；不要的可以放弃。",
        "It cannot be taken in as it is. It is kept whole; {name} corrects and resends it, or it "
        "is discarded.",
    ),
    "team.why.other": (
        "内容完整。属实就收入档案，仍算{name}的记录；不要的可以放弃，两边都还能查看。",
        "It is kept whole. If it is true, take it in under {name}'s name; else discard it, it "
        "stays readable on both sides.",
    ),
    # Change requests
    "request.head": ("改{field}", "Change {field}"),
    "request.proof": ("依据：{text}", "Proof: {text}"),
    "request.answer": ("答复：{text}", "Answer: {text}"),
    "request.by": ("{name}申请", "asked by {name}"),
    "request.own": ("我申请的", "asked by me"),
    "request.now": ("档案里", "In the record"),
    "request.new": ("改成", "Change to"),
    "request.moved": (
        "提出申请后档案里的值变了，批准会被退回。请{name}看过现值后重新申请。",
        "The value in the record has changed since. An approval would be refused; {name} looks at "
        "the present value and asks again.",
    ),
    "request.approve": ("批准", "Approve"),
    "request.approve.of": ("批准：{what}", "Approve: {what}"),
    "request.decline": ("不批准", "Decline"),
    "request.four_eyes": (
        "自己提的不能自己批，要等另一位主管。现值没有动。",
        "You cannot approve your own request; another supervisor decides. The value stays.",
    ),
    "request.waits": (
        "等主管批准，批准前档案里的值不变。",
        "Waits for a supervisor; the value in the record stays until then.",
    ),
    "request.withdraw": ("撤回", "Withdraw"),
    "decline.ask": ("为什么不批准？申请人能看到。", "Why decline? Whoever asked sees this."),
    "decline.chip.proof": ("依据不够，请补材料", "Not enough proof"),
    "decline.chip.same": ("与证件不一致", "Differs from the document"),
    "decline.chip.wrong": ("客户弄错了", "Wrong customer"),
    "requests": ("变更申请", "Change requests"),
    "request.ask": ("申请改资料", "Request a change"),
    "request.which": ("改哪一项？要主管批准。", "Which field? A supervisor approves it."),
    "request.present": ("现在是：{text}", "Now: {text}"),
    "request.send": ("提交申请", "Send the request"),
    "request.pending_already": (
        "这一项已有一条申请在等批准，先等结果或撤回。",
        "A request for this field waits already; await its answer or withdraw it.",
    ),
    "problem.same": (
        "和现在的一样，不用申请。",
        "It says so already; there is nothing to request.",
    ),
    "problem.fit": (
        "这个值用不了（可能过长）。你填的还在，请改一下。",
        "This value does not fit; it may be too long. What you typed is kept; change it.",
    ),
    "problem.future": (
        "日期在今天之后。你填的还在，请核对。",
        "That day is still to come. What you typed is kept; check it.",
    ),
    # Interests
    "interests": ("兴趣", "Interests"),
    "interests.other": ("别的…", "Other…"),
    "interests.add": ("还喜欢什么", "What else they care for"),
    "interests.add.do": ("加上", "Add"),
    "interests.none": (
        "还不知道喜欢什么，聊到就点一下。",
        "Not known yet; tap one when it comes up.",
    ),
    "interest.chip.1": ("书法", "Calligraphy"),
    "interest.chip.2": ("旅游", "Travel"),
    "interest.chip.3": ("养生", "Health"),
    "interest.chip.4": ("子女留学", "Studies abroad"),
    "interest.chip.5": ("理财讲座", "Talks on wealth"),
    "interest.chip.6": ("高尔夫", "Golf"),
    # What is remarkable about a contact
    "twin": (
        "和{when} {name}记的那条几乎一样。两条都在，没有合并。",
        "Almost the same as the one that {name} recorded {when}. Both are kept; nothing was "
        "merged.",
    ),
    "twin.me": ("自己", "you"),
    "twin.keep": ("两条都对", "Both are right"),
    "twin.correct": ("更正这条", "Correct this one"),
    "corrected.from": ("更正过，原来记的：{what}", "Corrected; it said before: {what}"),
    "late": ("移交前记的", "From before a hand-over"),
    "late.said": (
        "客户已移交给同事。这条是移交前记的，已照收，由接手的同事跟进。",
        "The customer has moved to a colleague. This was recorded before, was accepted, and the "
        "colleague follows it up.",
    ),
    # Devices
    "devices.title": ("团队的设备", "The team's devices"),
    "devices.pending": ("条还只在设备上", "only on devices"),
    "devices.n": ("{n} 台设备", "{n:device|devices}"),
    "devices.needs": ("{n} 台要有人管", "{n:needs|need} someone"),
    "devices.all_well": ("都正常，没有要管的", "all well, nobody is needed"),
    "devices.well": ("其余都正常", "The others are well"),
    "devices.unsent": ("{n} 条未送", "{n} unsent"),
    "devices.nothing": ("没有未送的", "nothing unsent"),
    "devices.oldest": ("最早的已 {age}", "oldest {age}"),
    "devices.seen": ("{when}报到", "heard {when}"),
    "devices.revoked": ("已停用", "revoked"),
    "devices.left": ("已离职", "has left"),
    "devices.to_inbox": ("到待处理里定", "Settle in the inbox"),
    "devices.empty": ("团队还没有设备", "The team has no devices yet"),
    "devices.empty.hint": (
        "客户经理登记设备并连上一次后，会出现在这里。",
        "A device stands here once its account manager has enrolled it and it was linked.",
    ),
    "devices.note": (
        "以设备最近一次报到为准，连上后自动更新。",
        "As last reported by each device; it corrects itself once linked.",
    ),
    "device.unsent": (
        "有 {count} 条一直没送到，最早的已 {age}。在设备上是安全的；请联网，或导出同步包带回。",
        "{count} not arrived, the oldest for {age}. Safe on the device; bring it into the network, "
        "or carry a sync bundle.",
    ),
    "device.silent": (
        "已 {age} 没有联系。请问一下设备是否还在、是否联网。",
        "Not heard of for {age}. Ask whether it is still there and has a network.",
    ),
    "device.clock": (
        "时钟差 {age}。记录不受影响，但时间会显示错；请校准设备时间。",
        "Its clock is off by {age}. Records are not affected, but their times read wrong; set the "
        "clock.",
    ),
    "device.held": (
        "有 {count} 件没被接收，内容都保留着。请本人改后重发，或到待处理里定。",
        "{count} refused and kept whole. Their author corrects and resends, or you settle it in "
        "the inbox.",
    ),
    "device.revoked": (
        "设备已停用，上面还有 {count} 条没交回。在设备上是安全的；让它再连一次网就会交回。",
        "Revoked with {count} not handed in yet. Safe on the device; link it once more and it "
        "hands everything in.",
    ),
    "device.left": (
        "人已离职，设备上还有 {count} 条没交回。请收回设备并让它连一次网，会自动交回。",
        "Its user has left with {count} not handed in yet. Collect the device and link it once; it "
        "hands everything in.",
    ),
}
