"""Words of the screens: places, entrance, the day, the sync centre, the supervisor's view."""

SCREENS: dict[str, tuple[str, str]] = {
    "app": ("外勤簿", "Fieldbook"),
    "app.what": ("外勤销售，离线可用", "Field sales, works offline"),
    "about": (
        "外勤簿 0.1。全部数据加密存在本机，不跟踪位置：只在开始拜访时定位一次。",
        "Fieldbook 0.1. All data is encrypted on this device. No tracking: one location fix when a "
        "visit starts.",
    ),
    "broken": (
        "这里出了问题，没有显示出来。已记下的内容没有丢，可以先去别的页面。",
        "This part failed to show. Nothing you recorded is lost; the other pages still work.",
    ),
    "broken.step": (
        "这一步没有做成，内容没有动，已记下的没有丢。请再试一次。",
        "This did not work. Nothing was changed and nothing you recorded is lost. Try again.",
    ),
    "disk_full": (
        "设备存满了，这条还没有存下。表单内容还在，腾出空间后再提交。",
        "The device is full and this was not saved. The form is kept; make room and submit again.",
    ),
    "back": ("返回", "Back"),
    "more": ("再看一些", "Show more"),
    "ok": ("确定", "OK"),
    "search.clear": ("清空", "Clear"),
    "secret.show": ("显示", "Show"),
    "secret.hide": ("隐藏", "Hide"),
    "cancel": ("取消", "Cancel"),
    "none": ("—", "—"),
    "never": ("从未", "never"),
    "today": ("今天", "today"),
    "tomorrow": ("明天", "tomorrow"),
    "yesterday": ("昨天", "yesterday"),
    "just_now": ("刚刚", "just now"),
    "minutes": ("{n} 分钟", "{n} min"),
    "minutes_ago": ("{n} 分钟前", "{n} min ago"),
    "days_ago": ("{n} 天前", "{n:day|days} ago"),
    "hours_ago": ("{n} 小时前", "{n} h ago"),
    "try_again": ("再试一次", "Try again"),
    "opening": ("正在打开", "Opening"),
    "taken": (
        "这个账号的外勤簿已在另一个窗口打开。内容没有动，请关掉那个窗口再试。",
        "This profile is open in another window. Nothing was touched; close that window and try "
        "again.",
    ),
    "lost": ("这个地址没有页面", "No such page"),
    "lost.hint": ("内容都在，从首页进入即可。", "Everything is still here; start from home."),
    "lost.do": ("回首页", "Go home"),
    "offline_now": (
        "没连上网点服务器。已记下的都在本机，不会丢，连上后自动送达。",
        "The branch server cannot be reached. What you recorded is safe on this device and goes "
        "out by itself.",
    ),
    # Places
    "tab.today": ("今日", "Today"),
    "tab.customers": ("客户", "Customers"),
    "tab.log": ("记一笔", "Log"),
    "tab.me": ("我的", "Me"),
    "tab.field": ("战况", "Field"),
    "tab.elsewhere": ("说明", "About"),
    "badge.means": ("同步状态，点开看详情", "Sync status; open for details"),
    # Entrance
    "enrol.title": ("登记这台设备", "Enrol this device"),
    "enrol.hint": (
        "登记码由支行发放，只用一次。登记时需要连上网点服务器，之后可离线使用。",
        "The branch hands out the code; it works once. Enrolling needs the branch server, working "
        "does not.",
    ),
    "enrol.server": ("服务器地址", "Server address"),
    "enrol.code": ("登记码", "Enrolment code"),
    "enrol.pin": ("设一个 {n} 位数字 PIN", "Choose a PIN of {n} digits"),
    "enrol.again": ("再输一次 PIN", "Repeat the PIN"),
    "enrol.do": ("登记", "Enrol"),
    "enrol.busy": ("正在登记", "Enrolling"),
    "enrol.safe": (
        "PIN 只在本机使用，不会发送。忘了 PIN 就打不开本机数据，需重新登记。",
        "The PIN stays on this device. Without it the data here cannot be opened; you would enrol "
        "again.",
    ),
    "enrol.unreachable": (
        "没收到这个地址的服务器的答复。设备上没有改动，连上后用同一个登记码再试；不行再要一个新码。",
        "No answer came from the server at this address. Nothing changed here; try again with the "
        "same code when linked, and ask for a new one only if it is refused.",
    ),
    "enrol.bad_server": (
        "服务器地址要以 http:// 或 https:// 开头。",
        "The server address starts with http:// or https://.",
    ),
    "enrol.no_code": (
        "还没有填登记码，向支行索取。",
        "The enrolment code is missing; ask the branch.",
    ),
    "enrol.short_pin": ("PIN 要 {n} 位数字。", "The PIN takes {n} digits."),
    "enrol.weak_pin": (
        "这个 PIN 太容易猜到，换一个。设备上没有改动。",
        "This PIN is too easily guessed; choose another. Nothing changed on this device.",
    ),
    "enrol.pins_differ": (
        "两次输入的 PIN 不一样，请再输。",
        "The two PINs differ; enter them again.",
    ),
    "welcome.name": ("{name}，登记好了", "Welcome, {name}"),
    "welcome.hint": (
        "这台设备现在归你使用。数据在后台下载，可以马上开始。",
        "This device is yours now. Data is loading in the background; you can start at once.",
    ),
    "welcome.do": ("开始今天", "Start the day"),
    "unlock.title": ("输入 PIN", "Enter your PIN"),
    "unlock.profile": ("账号 {profile}", "Profile {profile}"),
    "unlock.pin": ("PIN", "PIN"),
    "unlock.do": ("打开", "Open"),
    "unlock.busy": ("正在打开", "Opening"),
    "unlock.wrong": (
        "PIN 不对，还可以试 {n} 次。本机数据没有动。",
        "Wrong PIN, {n:try|tries} left. The data here is untouched.",
    ),
    "unlock.wait": (
        "PIN 不对，请等 {s} 秒再试，还可以试 {n} 次。本机数据没有动。",
        "Wrong PIN. Wait {s:second|seconds}; {n:try|tries} left. The data here is untouched.",
    ),
    "unlock.sign_in": (
        "PIN 错得太多。本机数据没有动；向支行要一个登记码，在“用新的登记码”里和 PIN 一起填。",
        "Too many wrong PINs. The data here is untouched; ask the branch for an enrolment code and "
        "enter it with your PIN under “Use a new enrolment code”.",
    ),
    "unlock.erased": (
        "PIN 试错次数已满，本机的客户数据已清除，没发出的记录仍在。向支行要一个登记码，"
        "在“用新的登记码”里和 PIN 一起填，客户数据会重新送来。",
        "Too many wrong PINs. Customer data was erased here, unsent records are kept. Ask the "
        "branch for an enrolment code and enter it with your PIN under “Use a new enrolment code”; "
        "customer data then comes again.",
    ),
    "unlock.newer": (
        "本机的数据是较新版本的应用写的，这个版本打不开，也没有动它。没送出的记录都在，不会丢；请更新应用。",
        "A newer version of the app wrote the data here; this one cannot open it and left it as it "
        "is. Unsent records are safe; update the app.",
    ),
    "unlock.full": (
        "设备存满了，打不开。本机内容没有动，没送出的记录都在；请腾出空间再试。",
        "The device is full and this cannot open. Nothing here was touched and unsent records are "
        "safe; make room and try again.",
    ),
    "unlock.new_code": ("用新的登记码", "Use a new enrolment code"),
    "unlock.safe": (
        "数据加密存在本机，不联网也能打开。",
        "Encrypted on this device; opens without a link.",
    ),
    # Today
    "today.left": ("还有 {n} 件", "{n} to go"),
    "today.free": ("今天没有到期的", "Nothing due today"),
    "today.all_done": ("今天的都办完了", "All done for today"),
    "today.progress": ("今日 {total} 件，办好 {done} 件", "{done} of {total} done today"),
    "today.done": ("已完成", "done"),
    "today.overdue": ("逾期 {when}", "overdue {when}"),
    "today.spared": ("不谈销售", "No selling"),
    "today.list": ("今天要办的", "Due today"),
    "today.proposals": ("可以联系", "Worth a call"),
    "today.empty": ("今天还没有安排", "Nothing planned for today"),
    "today.empty.hint": (
        "到期的下一步和该联系的客户会出现在这里，每条都写明原因。",
        "Next steps that fall due and customers to contact will stand here, each with its reason.",
    ),
    "today.empty.do": ("找客户", "Find a customer"),
    # Customers
    "customers.search": (
        "姓名、首字母、尾号四位、地址",
        "Name, initials, last four digits, address",
    ),
    "customers.held": ("我管户的客户", "Customers I look after"),
    "customers.found": ("{n} 位", "{n:customer|customers}"),
    "customers.first": ("前 {n} 位", "first {n}"),
    "customers.last": ("上次 {when}", "last {when}"),
    "customers.no_contact": ("还没联系过", "no contact yet"),
    "customers.none": ("没有找到", "Nothing found"),
    "customers.none.hint": (
        "换个写法：姓名、拼音首字母、证件或卡号后四位、地址。",
        "Try the name, the initials, the last four digits of a number, or the address.",
    ),
    "customers.empty": ("还没有客户", "No customers yet"),
    "customers.empty.hint": (
        "名下的客户会随第一次同步下载到本机。",
        "Your customers arrive with the first sync.",
    ),
    "log.title": ("记一笔", "Log a contact"),
    "log.search": ("和谁？姓名、首字母、尾号", "With whom? Name, initials, digits"),
    # Sync
    "sync.title": ("同步", "Sync"),
    "sync.now": ("现在同步", "Sync now"),
    "sync.work_offline": ("离线工作", "Work offline"),
    "sync.issues": ("需处理", "Needs you"),
    "sync.to_inbox": ("到待处理里定", "Settle in the inbox"),
    "sync.waiting": ("还没入档的", "Not in the record yet"),
    "sync.nothing_waiting": (
        "都已入档，本机没有独有的内容。",
        "Everything is in the record; nothing is only on this device.",
    ),
    "sync.held": ("本机持有", "Held on this device"),
    "sync.last": ("上次同步", "Last sync"),
    "sync.age": ("数据新旧", "Age of data"),
    "sync.customers": ("客户", "Customers"),
    "sync.interactions": ("往来记录", "Contacts"),
    "sync.deferred": ("待补下载", "Still to load"),
    "verify": ("与服务器核对", "Compared"),
    "verify.do": ("核对数据", "Compare now"),
    "verify.busy": ("正在核对", "Comparing"),
    "verify.never": ("还没有核对过", "not yet"),
    "verify.agreed": ("{when}，一致", "{when}, equal"),
    "verify.repaired": ("{when}，改正 {n} 条", "{when}, {n} put right"),
    "verify.differs": ("{when}，还有不一致，请联系网点", "{when}, still differs; tell the branch"),
    "verify.moving": (
        "别人正在写入，这次没核对完。数据没有动，过一会儿再试。",
        "Others are writing, so this was not finished. Nothing was touched; try again in a while.",
    ),
    "sync.tries": ("已试 {n} 次", "tried {n:time|times}"),
    "sync.next_try": ("{when} 自动重试", "retries at {when}"),
    "sync.resend": ("重发", "Send again"),
    "sync.discard": ("放弃这条", "Discard"),
    "sync.no_reason": (
        "服务器没有接受，也没有说明原因。内容在本机，可以重发。",
        "The server did not accept it and gave no reason. It is kept here; you can send it again.",
    ),
    "sync.status.idle": ("已连上，没有要送的。", "Linked; nothing to send."),
    "sync.status.unsent": (
        "{n} 条还在本机，不会丢，连上后自动送达。",
        "{n:record is|records are} only here; nothing is lost, and all goes out once linked.",
    ),
    "sync.status.syncing": ("正在同步。", "Syncing."),
    "sync.status.offline": (
        "离线。已记下的都在本机，不会丢，连上后自动送达。",
        "Offline. What you recorded is safe here and goes out by itself.",
    ),
    "sync.status.waiting": (
        "这次没送成，稍后自动重试。内容都在本机。",
        "The last try failed and is repeated by itself. Everything is kept here.",
    ),
    "sync.status.outdated": (
        "应用版本太旧，收不到新内容。本机的都在，记下的照常送达，也可以继续离线用；请更新应用。",
        "This app is too old to receive anything new. What is here stays, your records still go "
        "out and you can work on; update the app.",
    ),
    "sync.status.signed_out": (
        "这台设备的登录已失效。内容都在本机，请向支行索取新的登记码。",
        "This device is signed out. Everything is kept here; ask the branch for a new code.",
    ),
    "sync.status.revoked": (
        "这台设备已被停用。未送的内容保留在本机，请联系主管。",
        "This device was revoked. Unsent records are kept here; talk to your supervisor.",
    ),
    "carry.title": ("网络不通时", "While the network is down"),
    "carry.hint": (
        "把未送达的记录导出成一个加密文件，用 U 盘或数据线带到服务器旁，由运维导入。记录仍在本机，"
        "连上后照常发送，不会重复。",
        "Puts what is unsent into an encrypted file. Bring it to the server on a stick or a cable; "
        "the operator imports it. It stays here too, goes out once linked, and counts once.",
    ),
    "carry.export": ("导出同步包", "Export a sync bundle"),
    "carry.exported": (
        "已导出 {n} 条：{file}。请把文件交给运维导入；在此之前它们只在本机。",
        "{n:record|records} exported: {file}. Give the file to the operator; until it is imported, "
        "what is in it is only on this device.",
    ),
    "carry.answer": ("读取回执", "Read an answer"),
    "carry.answered": (
        "回执已读：{delivered} 条已送达，{refused} 条需处理。连上后才会入档。",
        "Answer read: {delivered} delivered, {refused} need you. They are in the record once "
        "linked.",
    ),
    # Me
    "me.role": ("岗位", "Role"),
    "me.number": ("工号", "Number"),
    "me.profile": ("账号", "Profile"),
    "me.sync": ("看同步情况", "See the sync"),
    "me.server": ("服务器", "Server"),
    "me.language": ("语言", "Language"),
    "me.mode": ("主题", "Theme"),
    "me.scale": ("字号", "Text size"),
    "me.safety": ("安全", "Safety"),
    "me.lock": ("现在锁定", "Lock now"),
    "me.lock.hint": (
        "锁定后要 PIN 才能打开，没写完的会保留。",
        "Opens again with the PIN; drafts are kept.",
    ),
    "me.about": ("关于", "About"),
    # Supervisor
    "field.title": ("今日战况", "Today's field"),
    "field.contacts": ("今日往来", "contacts today"),
    "field.pending": ("另有 {n} 条仍在设备上", "{n:more is|more are} still on devices"),
    "field.complete": ("设备上没有未送的", "nothing is waiting on devices"),
    "field.visits": ("拜访 {n}", "{n:visit|visits}"),
    "field.calls": ("电话 {n}", "{n:call|calls}"),
    "field.others": ("其他 {n}", "{n} other"),
    "field.met": ("客户 {n}", "{n} met"),
    "field.counted": ("今日 {n} 次往来", "{n:contact|contacts} today"),
    "field.on_device": ("{n} 条仍在设备", "{n} still on device"),
    "field.last": ("最近 {when}", "last {when}"),
    "field.seen": ("设备 {when}", "device {when}"),
    "field.not_seen": ("设备未连过", "device not seen"),
    "field.note": (
        "仍在设备的条数来自设备最近一次报到，连上后自动补齐。",
        "Counts on devices are as last reported; they complete themselves once linked.",
    ),
    "field.empty": ("今天还没有动静", "Nothing from the field yet"),
    "field.empty.hint": (
        "客户经理的拜访和电话连上后会出现在这里，仍在设备的条数也会写明。",
        "Visits and calls appear here once linked, along with what is still on devices.",
    ),
    "feed.title": ("点评", "Review"),
    "feed.waiting": ("今天 {n} 条还没点评", "{n} of today's contacts not reviewed"),
    "feed.none_today": ("今天还没有往来，可看以前的", "nothing yet today; earlier ones are here"),
    "feed.all_reviewed": ("今天的都点评过", "all of today's are reviewed"),
    "feed.empty": ("还没有可点评的往来", "Nothing to review yet"),
    "feed.empty.hint": (
        "新的拜访和电话会实时出现。",
        "New visits and calls appear as they come in.",
    ),
    "feed.text": ("对他说一句", "Say a word"),
    "feed.send": ("发出", "Send"),
    "elsewhere.title": ("{role}的工作在支行主机上", "{role} work is done at the branch machine"),
    "elsewhere.hint": (
        "这个岗位不在手机上办理业务。请在支行主机上打开管理页面。",
        "Nothing is done on a phone in this role. Open the administration page on the branch "
        "machine.",
    ),
}
