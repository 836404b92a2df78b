"""Words of customers who are perhaps one: why, what a merge does, and where a field comes from."""

DUPLICATES: dict[str, tuple[str, str]] = {
    "entity.duplicate": ("疑似重复", "Possible duplicate"),
    "duplicate_status.open": ("待判断", "To decide"),
    "duplicate_status.merged": ("已合并", "Merged"),
    "duplicate_status.distinct": ("不是同一位", "Not the same"),
    "duplicate_status.split": ("已拆开", "Split again"),
    "inbox.duplicates": ("疑似重复 {n}", "Duplicates {n}"),
    "inbox.duplicates.empty": (
        "没有疑似重复的客户。",
        "No two customers look like one.",
    ),
    "inbox.duplicates.decided": ("近 {n} 天判断过的", "Decided in {n} days"),
    "duplicate.points": ("{n} 分", "{n:point|points}"),
    "duplicate.points.means": (
        "像的程度 {n} 分。{looked} 分起要人判断，{sure} 分起才算有把握。",
        "{n} points of likeness. From {looked} a person decides; from {sure} it is near certain.",
    ),
    "duplicate.found": ("{day}发现", "found {day}"),
    "duplicate.one_name": ("{name}（两份记录）", "{name} (two records)"),
    "duplicate.for": ("像同一位的地方", "What speaks for it"),
    "duplicate.note": ("要留意", "To note"),
    "duplicate.against": ("不像的地方", "What speaks against it"),
    "duplicate.records": ("两份记录", "The two records"),
    "duplicate.record": ("继续用的记录", "The record that goes on"),
    "duplicate.goes_on": ("继续用的", "Goes on"),
    "duplicate.ends": ("要并入的", "The other"),
    "duplicate.same": ("一致", "Agree"),
    "duplicate.differs": ("不同", "Differ"),
    "duplicate.alone": ("一边没填", "One only"),
    "duplicate.look.one": ("看继续用的", "Open the one that goes on"),
    "duplicate.look.other": ("看要并入的", "Open the other"),
    "duplicate.number": ("证件", "Document"),
    "duplicate.legal_representative": ("法定代表人", "Representative"),
    "duplicate.owner": ("管户", "Managed by"),
    "duplicate.deposits": ("存款", "Deposits"),
    "duplicate.last_contact": ("最近往来", "Last contact"),
    "duplicate.since": ("建档", "On record"),
    "duplicate.will": ("合并会怎样", "What a merge does"),
    "duplicate.will.go_on": (
        "继续用{owner}管户的这一份。另一份的往来、账户、销售、待办和关系都带过来，一条不丢。",
        "The record managed by {owner} goes on. Contacts, accounts, sales, tasks and relations of "
        "the other come along; nothing is lost.",
    ),
    "duplicate.will.owner": (
        "{name}以后不管这位客户，已做成的业绩仍归{name}。",
        "{name} no longer looks after this customer; what {name} has sold stays {name}'s.",
    ),
    "duplicate.will.back": (
        "以后发现不对，可以拆开，恢复成两份。",
        "If it proves wrong, the merge can be taken apart again.",
    ),
    "duplicate.moved": (
        "其中一份已并入别的客户，这一对不用再判断。",
        "One of the two has been merged with another customer; there is nothing left to decide.",
    ),
    "duplicate.half": (
        "有一份记录不在你的团队，这里判断不了。两份都看得到的主管会判断，记录没有动。",
        "One of the two is not your team's, so it cannot be decided here. A supervisor of both "
        "decides; nothing was changed.",
    ),
    "duplicate.gone": ("这一对不在这台设备上", "This pair is not on this device"),
    "duplicate.gone.hint": (
        "可能已经并入别的客户，或移出了你的团队。",
        "It was merged further, or has left your team.",
    ),
    "duplicate.why": ("原因：{text}", "Reason: {text}"),
    "duplicate.job": ("系统", "the system"),
    "duplicate.by_itself": (
        "系统自动合并：证件或信用代码相同，或同一管户下同名同生日",
        "Merged by itself: by a number, or by name and birth date with one manager",
    ),
    "duplicate.merged": (
        "另一份的内容都在这份记录里。",
        "All that the other held is in this record.",
    ),
    "duplicate.further": (
        "合并后的记录之后又并入了这位客户。要拆开这一次，先拆开后一次。",
        "What they became was merged into this customer since. To take this merge apart, take the "
        "later one apart first.",
    ),
    "duplicate.distinct": (
        "两份都照常用，以后不再提示这一对。",
        "Both records stay in use, and the pair is not raised again.",
    ),
    "duplicate.split": (
        "两份记录已恢复，以后不再提示这一对。",
        "Both records are back, and the pair is not raised again.",
    ),
    "duplicate.underway.merged": (
        "已存在本机，不会丢。连上后合并，在那之前两份都照常用。",
        "Saved on this device. The merge is done once linked; until then both records are used as "
        "before.",
    ),
    "duplicate.underway.distinct": (
        "已存在本机，不会丢。连上后自动送达。",
        "Saved on this device; it is delivered once linked.",
    ),
    "duplicate.underway.split": (
        "已存在本机，不会丢。连上后拆开，在那之前仍是一份。",
        "Saved on this device. It is taken apart once linked; until then it stays one record.",
    ),
    "duplicate.refused": (
        "这一步没被接收，两份记录都没动。原因在“没被接收”里，改了可以重发，也可以放弃。",
        "This step was refused and both records are as they were. “Refused” says why; send it "
        "again or discard it there.",
    ),
    "duplicate.merged.do": ("合并", "Merge"),
    "duplicate.merged.ask": ("凭什么认定是同一位？", "What shows that they are one?"),
    "duplicate.merged.chip.paper": ("核对过证件原件", "Saw the documents"),
    "duplicate.merged.chip.asked": ("问过客户本人", "Asked the customer"),
    "duplicate.merged.chip.managers": ("客户经理都确认", "The managers confirm"),
    "duplicate.distinct.do": ("不是同一位", "Not the same"),
    "duplicate.distinct.ask": (
        "凭什么认定不是同一位？以后不再提示这一对。",
        "What shows that they are two? The pair is not raised again.",
    ),
    "duplicate.distinct.chip.family": ("是一家人", "One family"),
    "duplicate.distinct.chip.name": ("只是同名", "Only the same name"),
    "duplicate.distinct.chip.company": ("是两家公司", "Two companies"),
    "duplicate.distinct.chip.paper": ("核对过证件原件", "Saw the documents"),
    "duplicate.split.do": ("拆开", "Take apart"),
    "duplicate.split.ask": (
        "为什么拆开？拆开后恢复成两份。",
        "Why take it apart? There are two records again afterwards.",
    ),
    "duplicate.split.chip.wrong": ("合并错了人", "Merged by mistake"),
    "duplicate.split.chip.asked": ("客户说不是本人", "The customer says so"),
    "duplicate.split.chip.paper": ("证件对不上", "Documents differ"),
    # Why two customers look like one, or not
    "duplicate_reason.number_same": ("证件号码相同", "The same identity number"),
    "duplicate_reason.number_typo": (
        "证件号码只差一处，且不都是有效号码",
        "Identity numbers one slip apart, and not both are valid",
    ),
    "duplicate_reason.number_differs": (
        "证件号码都有效，却不相同",
        "Two valid identity numbers that differ",
    ),
    "duplicate_reason.name_same": ("名称相同", "The same name"),
    "duplicate_reason.name_variant": (
        "名称读音相同，或只是公司后缀写法不同",
        "Names that sound the same, or a legal form written differently",
    ),
    "duplicate_reason.name_differs": ("名称不同", "Different names"),
    "duplicate_reason.phone_same": ("电话相同", "The same telephone"),
    "duplicate_reason.phone_shared": (
        "电话相同，但别的客户也用这个号码",
        "The same telephone, but other customers have it too",
    ),
    "duplicate_reason.birth_same": ("出生日期相同", "The same birth date"),
    "duplicate_reason.birth_typo": (
        "出生日期只差一处",
        "Birth dates one slip apart",
    ),
    "duplicate_reason.birth_differs": ("出生日期不同", "Different birth dates"),
    "duplicate_reason.gender_differs": ("性别不同", "Different genders"),
    "duplicate_reason.address_same": ("地址相同", "The same address"),
    "duplicate_reason.address_shared": (
        "地址相同，但那里还有好几位客户",
        "The same address, but several other customers are there too",
    ),
    "duplicate_reason.representative_same": ("法定代表人相同", "The same legal representative"),
    "duplicate_reason.representative_differs": (
        "法定代表人不同",
        "Different legal representatives",
    ),
    "duplicate_reason.owners_differ": (
        "由两位客户经理分别管户",
        "Two account managers look after them",
    ),
    "duplicate_reason.said_by_hand": ("有人提出是同一位", "Somebody said that they are one"),
    # On the customer's page
    "merged.opened": (
        "你打开的那份记录已并入这位客户，它的内容都在这里。",
        "The record that you opened was merged into this customer; all of it is here.",
    ),
    "merged.of_two": ("由两份记录合并，{day}", "Merged from two records, {day}"),
    "merged.of_many": ("由 {n} 份记录合并，最近一次{day}", "Merged from {n} records, last {day}"),
    "merged.soon": (
        "已定把另一份记录合并进来，连上后生效。",
        "Another record is to be merged into this one, once linked.",
    ),
    "merged.look": ("看这次合并", "See the merge"),
    "sources": ("资料来源", "Where this comes from"),
    "sources.show": ("看每一项的来源", "Show the source of each field"),
    "sources.hide": ("收起来源", "Hide the sources"),
    "sources.hint": (
        "已核实是两人看过证件，银行系统是系统里登记的，客户自述是客户经理听到后记下的。",
        "Verified: two people saw the document. Bank systems: on file there. Claim: what an "
        "account manager was told and wrote down.",
    ),
    "sources.undated": ("日期不详", "no date"),
}
