"""Refusals: the answers that say no, each with what happened, what is safe and what to do.

A `Refusal` is an answer, not an accident: it travels as data, a person reads its sentence, and
`docs/refusals.md` lists them all. `Unreachable` is expected in the field and goes to the badge.
Anything else that is raised is a bug and goes out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


class Unreachable(Exception):
    """The server could not be reached; nothing was lost, the next attempt will tell.

    `wait_s`: for how many seconds whoever answered asked to be left alone; 0 if nobody asked.
    """

    def __init__(self, reason: str = "", wait_s: float = 0.0) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of refusal: its HTTP status and its sentence in both languages."""

    status: int
    zh: str
    en: str


_CATALOGUE = {
    # The exchange itself
    "malformed": Template(
        400,
        "发送的内容格式不对（{path}：{problem}），整批未处理。数据仍在本机，请更新应用后重试。",
        "The exchange is malformed at {path}: {problem}. Nothing was applied. Your records are "
        "still on this device; update the app and try again.",
    ),
    "too_large": Template(
        413,
        "一次发送的内容过大，服务器没有接收。数据仍在本机，会分小批重发。",
        "The exchange is too large and was not read. Your records are still on this device and "
        "go out again in smaller batches.",
    ),
    "unsupported_encoding": Template(
        415,
        "服务器不认识这种压缩方式（{encoding}）。数据仍在本机，请更新应用。",
        "The server cannot read the encoding {encoding}. Your records are still on this device; "
        "update the app.",
    ),
    "not_found": Template(
        404,
        "没有找到这项内容。请核对编号。",
        "There is no such thing here. Check the id.",
    ),
    "method_not_allowed": Template(
        405,
        "这个地址不接受这种请求，没有改动任何内容。请核对请求的方法。",
        "This address takes no request of this kind, and nothing was changed. Check the method.",
    ),
    "events_restored": Template(
        410,
        "服务器从备份恢复过，这个游标属于恢复之前，没有读取任何内容。请不带游标从头再读："
        "已有的行按编号和版本比对，备份之后的变更可能已经不在档案里。",
        "The server was restored from a backup and this cursor is of before, so nothing was read. "
        "Begin again without a cursor and compare what you have by id and version: what changed "
        "after the backup may no longer be in the record.",
    ),
    "unavailable": Template(
        503,
        "服务器暂时不能写入（{reason}）。数据仍在本机，稍后自动重发。",
        "The server cannot write at the moment ({reason}). Your records are still on this "
        "device and go out again by themselves.",
    ),
    "server_failed": Template(
        500,
        "服务器处理时出错，没有写入。记录在本机，不会丢；请稍后重发，一直这样请告诉网点管理员。",
        "The server failed over this and wrote nothing. It is safe on this device; send it again "
        "later, and tell the branch's operator if it stays like this.",
    ),
    # Who is asking
    "sign_in": Template(
        401,
        "这台设备的登录已失效。未发送的记录仍在本机，请向支行索取新的登记码。",
        "This device is no longer signed in. Unsent records are still on it; ask the branch for "
        "a new enrolment code.",
    ),
    "device_revoked": Template(
        403,
        "这台设备已被停用。未发送的记录仍在本机，不会丢；请联系主管恢复或收取。",
        "This device has been revoked. Its unsent records are kept on it; ask your supervisor to "
        "restore it or to collect them.",
    ),
    "not_permitted": Template(
        403,
        "你的岗位不能做这一步（{action}）。没有改动任何内容，需要时请找主管。",
        "Your role may not do this ({action}). Nothing was changed; ask your supervisor if it "
        "has to be done.",
    ),
    "not_granted": Template(
        403,
        "系统账号“{system}”没有“{right}”权限，什么也没有读取或改动。"
        "需要时请运维用 fieldbook admin system-token --may {right} 授权。",
        "The system account {system} lacks the right {right}. Nothing was read or changed; if it "
        "is needed, have the operator grant it: fieldbook admin system-token --may {right}.",
    ),
    "bad_code": Template(
        403,
        "登记码不对、已用过或已过期。设备上没有改动，请向支行索取新码。",
        "The enrolment code is wrong, used or expired. Nothing changed on this device; ask the "
        "branch for a new one.",
    ),
    "other_server": Template(
        409,
        "这台设备是在 {server} 登记的，PIN 试错太多后只有那台服务器能放行。本机内容没有动，"
        "请填那个地址再试。",
        "This device was enrolled at {server}, and after too many wrong PINs only that server can "
        "let you go on. Nothing here was touched; enter that address and try again.",
    ),
    "slow_down": Template(
        429,
        "尝试过于频繁。请等 {wait_s} 秒再试，已有的内容不受影响。",
        "Too many attempts. Wait {wait_s} seconds and try again; nothing you have is affected.",
    ),
    # Webhooks
    "webhook_url": Template(
        422,
        "“{url}”不能作为推送地址，没有改动任何内容。请用 https:// 开头、不带用户名和密码的地址"
        "（本机可用 http://127.0.0.1）。",
        "“{url}” is no address to send to, and nothing was changed. Use one that begins with "
        "https:// and bears no name and password (on this machine http://127.0.0.1 will do).",
    ),
    "webhook_known": Template(
        409,
        "已有名为“{name}”的推送，没有改动任何内容。请换一个名字，或先删除旧的。",
        "There is a webhook {name} already, and nothing was changed. Choose another name, or "
        "remove it first.",
    ),
    "webhook_unknown": Template(
        404,
        "没有名为“{name}”的推送，没有改动任何内容。请用 fieldbook webhook list 核对。",
        "There is no webhook {name}, and nothing was changed. See fieldbook webhook list.",
    ),
    # What is carried by hand
    "nothing_unsent": Template(
        409,
        "这台设备上没有未送达的记录，不需要导出。没有生成文件。",
        "Nothing on this device is waiting to be sent, so there is nothing to export. No file was "
        "made.",
    ),
    "not_a_bundle": Template(
        400,
        "这不是外勤簿的同步包，没有导入任何内容。请选择设备上导出的那个文件。",
        "This is no sync bundle of Fieldbook. Nothing was imported; choose the file that the "
        "device exported.",
    ),
    "not_an_answer": Template(
        400,
        "这不是同步包的回执，设备上没有改动。请选择服务器写出的那个回执文件。",
        "This is no answer to a sync bundle. Nothing changed on this device; choose the file that "
        "the server wrote.",
    ),
    "bundle_version": Template(
        400,
        "这个文件是另一版本的外勤簿生成的（{version}），没有导入任何内容。记录仍在设备上，请把应用和"
        "服务器更新到同一版本。",
        "This file was made by another version of Fieldbook ({version}). Nothing was imported; "
        "the records are still on the device. Bring app and server to the same version.",
    ),
    "bundle_damaged": Template(
        400,
        "这个文件打不开：内容已损坏、不完整，或抬头被改过。没有导入任何内容，记录仍在设备上，请重新"
        "导出、重新拷贝。",
        "This file does not open: it is damaged, cut short, or its first line was changed. Nothing "
        "was imported; the records are still on the device. Export and copy it again.",
    ),
    "bundle_unknown_device": Template(
        404,
        "这台服务器不认识同步包所属的设备（{device}）。没有导入任何内容，记录仍在设备上；请核对是不是"
        "别的网点的同步包。",
        "This server does not know the device of the bundle ({device}). Nothing was imported; the "
        "records are still on the device. Check whether it belongs to another branch.",
    ),
    "bundle_revoked": Template(
        403,
        "同步包所属的设备（{device}）已被停用，或其员工已离岗。没有导入任何内容，请保管好文件，由主管"
        "接收。",
        "The device of the bundle ({device}) has been revoked, or its employee has left. Nothing "
        "was imported; keep the file, the supervisor must take it over.",
    ),
    "answer_of_another_device": Template(
        409,
        "这个回执是给另一台设备的，本机没有改动。请选择本机同步包的回执。",
        "This answer is for another device. Nothing changed here; choose the answer to this "
        "device's own bundle.",
    ),
    "answer_outdated": Template(
        409,
        "写出回执的服务器与本机上次连接的不是同一份数据（可能从备份恢复过），本机没有改动。记录仍在"
        "本机，连上服务器后自动核对。",
        "The answer comes from a server whose data is not what this device last met; it may have "
        "been restored from a backup. Nothing changed here; the records stay on this device and "
        "are settled at the next connection.",
    ),
    # Before anything is saved
    "unfit": Template(
        422,
        "有一处填得不对（{path}：{problem}），还没有保存；填的内容都在，改好后再保存。",
        "One field is not valid ({path}: {problem}), so this was not saved yet. What you filled in "
        "is kept; correct it and save again.",
    ),
    # Files of the bank's other systems: the whole file
    "unknown_import": Template(
        404,
        "没有“{kind}”这种文件，没有导入任何内容。可导入的有：{kinds}。",
        "There is no import of the kind {kind}, and nothing was imported. The kinds are: {kinds}.",
    ),
    "file_too_large": Template(
        413,
        "文件超过 {limit_mb} MB，没有导入任何内容。请分成几个文件，或放进导入文件夹。",
        "The file is larger than {limit_mb} MB and nothing was imported. Cut it into several, or "
        "put it into the drop folder.",
    ),
    "file_encoding": Template(
        415,
        "这个文件既不是 UTF-8 也不是 GB18030（GBK）文字，没有导入任何内容。请用其中一种重新导出。",
        "This file is text neither in UTF-8 nor in GB18030 (GBK), and nothing was imported. Export "
        "it again in one of the two.",
    ),
    "file_empty": Template(
        422,
        "文件里没有内容，没有导入任何内容。请核对导出是否完成。",
        "The file is empty, so nothing was imported. Check whether the export was finished.",
    ),
    "file_cut_short": Template(
        422,
        "文件最后一行没有换行结束，可能没有写完，没有导入任何内容。请重新送来完整的文件；如果本来就是完整的，请在最后一行末尾换行。",
        "The file's last line does not end, so it may have been cut short, and nothing was "
        "imported. Send the whole file again; if this is the whole file, end its last line.",
    ),
    "file_growing": Template(
        422,
        "文件还在写入，没有导入任何内容。请等它写完再导入。",
        "The file is still being written, so nothing was imported. Import it once it is finished.",
    ),
    "file_changed": Template(
        422,
        "读取期间文件变了：报告里的各行已经收下，但不一定是全部。请等它写完后把整个文件再导入一次，已收下的行不会重复计算。",
        "The file was changed while it was read: what the report counts has been taken in, and may "
        "not be all of it. Import the whole file again once it is finished; what is known already "
        "does not count twice.",
    ),
    "file_altered": Template(
        422,
        "收到的文件与所附的校验值（SHA-256）对不上，没有导入任何内容。请把完整的文件连同校验值重新发送。",
        "The file is not the one that the checksum (SHA-256) sent with it is of, and nothing was "
        "imported. Send the whole file again, with its checksum.",
    ),
    "file_lacks_columns": Template(
        422,
        "文件缺少这些列：{columns}。没有导入任何内容，请补上表头再导入。",
        "The file lacks the columns {columns}. Nothing was imported; add them and import it again.",
    ),
    "file_unknown_columns": Template(
        422,
        "文件里有不认识或重复的列：{columns}。没有导入任何内容，请改正表头，不需要的列请删去。",
        "The file has columns that are unknown or there twice: {columns}. Nothing was imported; "
        "correct the header, and leave out what is not needed.",
    ),
    # Files of the bank's other systems: one row
    "row_unreadable": Template(
        422,
        "这一行读不出来（引号没有闭合，或不是一个 JSON 对象），其余各行不受影响。请改好后再导入。",
        "This row cannot be read: a quote is not closed, or it is no JSON object. The other rows "
        "are unaffected; correct it and import it again.",
    ),
    "row_uncorrected": Template(
        422,
        "这一行只有“原文”，各列还空着，没有导入，原文仍然保留。请照原文把各列填好再导入。",
        "This row has its original text only, and its columns are still empty, so it was left out. "
        "The text is kept: fill in the columns by it and import the row again.",
    ),
    "row_cells": Template(
        422,
        "这一行有 {found} 列，表头有 {wanted} 列，没有导入这一行。请核对有没有多或少了逗号。",
        "This row has {found} cells where the header has {wanted}, so it was left out. Check it "
        "for a comma too many or too few.",
    ),
    "row_column": Template(
        422,
        "这一行有不认识的列“{column}”，没有导入这一行。请改正列名，不需要的请删去。",
        "This row has the unknown column {column} and was left out. Correct its name, or leave it "
        "out if it is not needed.",
    ),
    "row_lacks": Template(
        422,
        "这一行的“{column}”是空的，没有导入这一行。请补上再导入。",
        "This row's {column} is empty, so it was left out. Fill it in and import it again.",
    ),
    "row_value": Template(
        422,
        "这一行的“{column}”写的是“{value}”，应为 {wanted}，没有导入这一行。请改好再导入。",
        "This row's {column} is “{value}” where {wanted} is wanted, so it was left out. Correct it "
        "and import it again.",
    ),
    "row_amount": Template(
        422,
        "金额“{value}”不是正好两位小数的人民币元（如 1234.50），没有导入这一行。请改好再导入。",
        "The amount “{value}” is not yuan with exactly two decimals, such as 1234.50, so this row "
        "was left out. Correct it and import it again.",
    ),
    "row_currency": Template(
        422,
        "币种“{value}”不是人民币（CNY），佣金只按人民币计算，没有导入这一行。请按人民币金额导入。",
        "The currency “{value}” is not CNY, and commission is counted in yuan alone, so this row "
        "was left out. Import it with its amount in yuan.",
    ),
    "row_future": Template(
        422,
        "“{column}”的日期 {value} 还没有到，没有导入这一行。请核对日期，或等到那一天再导入。",
        "This row's {column}, {value}, is still to come, so it was left out. Check the day, or "
        "import it when it has come.",
    ),
    "row_before_joining": Template(
        422,
        "日期 {value} 早于客户经理的入职日期 {joined}，没有导入这一行。请核对日期或业务编号。",
        "The day {value} is before the account manager joined, {joined}, so this row was left out. "
        "Check the day and the reference.",
    ),
    "row_unknown": Template(
        422,
        "档案里没有这个“{column}”：{value}，没有导入这一行。请先导入它，或核对写法。",
        "The record has no {column} {value}, so this row was left out. Import that first, or check "
        "how it is written.",
    ),
    "row_order": Template(
        422,
        "“{column}”的 {value} 早于 {after}，没有导入这一行。请核对两个日期。",
        "This row's {column}, {value}, is before {after}, so it was left out. Check both days.",
    ),
    "row_check_digit": Template(
        422,
        "“{column}”的“{value}”校验位对不上（{standard}），没有导入这一行。请与证件核对后再导入。",
        "The check digit of this row's {column}, {value}, does not fit ({standard}), so it was "
        "left out. Compare it with the document and import it again.",
    ),
    "row_no_customer": Template(
        422,
        "按这一行的账号、证件号码或电话，没有找到客户，没有导入这一行。请核对，或先建立客户。",
        "No customer has this row's account, identity number or telephone, so it was left out. "
        "Check them, or make the customer first.",
    ),
    "row_several_customers": Template(
        422,
        "这一行对得上 {n} 位客户，分不清是哪一位，没有导入这一行。请补上证件号码，或请主管查重。",
        "This row fits {n} customers, and which one cannot be told, so it was left out. Give the "
        "identity number, or have a supervisor look for duplicates.",
    ),
    "row_other_customer": Template(
        422,
        "这一行的账户、银行卡或往来在档案里属于另一位客户，没有改动。请主管核对归属，再改正这一行。",
        "In the record this row's account, card or contact is another customer's, and nothing "
        "was changed. Have a supervisor check whose it is, then correct this row.",
    ),
    "row_account_closed": Template(
        422,
        "这个账户已于 {closed} 销户，{value} 不会再有资金进出，没有导入这一行。请核对账号和日期。",
        "This account was closed on {closed}, so nothing can have moved on {value}, and the row "
        "was left out. Check the number and the day.",
    ),
    "row_phone_shared": Template(
        422,
        "这个电话有 {n} 位客户，只凭电话分不清是谁，没有导入这一行。请补上姓名、证件号码或账号。",
        "{n} customers have this telephone, and by it alone nobody can tell which one, so the row "
        "was left out. Give a name, an identity number or an account.",
    ),
    # Verdicts on one operation
    "invalid": Template(
        422,
        "这条记录有一处填得不对（{path}：{problem}），已放在待处理里，不会丢。改好后重发。",
        "One field of this record is not valid ({path}: {problem}). It is kept under issues; "
        "correct it and send it again.",
    ),
    "not_yours": Template(
        403,
        "这位客户不在你的名下，记录已放在待处理里，不会丢。请与主管核对归属。",
        "This customer is not in your portfolio. The record is kept under issues; settle the "
        "ownership with your supervisor.",
    ),
    "not_own_fact": Template(
        403,
        "只能用自己的名义记录。这条已放在待处理里，不会丢。",
        "A record can only be made in your own name. It is kept under issues.",
    ),
    "unknown_customer": Template(
        404,
        "共享档案里没有这位客户。记录已放在待处理里，不会丢；请先核对客户。",
        "The shared record has no such customer. The record is kept under issues; check the "
        "customer first.",
    ),
    "gone": Template(
        410,
        "这条内容已被删除，你的修改仍在待处理里。需要的话可另存为新记录。",
        "This record was deleted meanwhile. Your edit is kept under issues; save it as a new "
        "record if it is still needed.",
    ),
    "append_only": Template(
        409,
        "已入档的记录不能改写。请补记一条更正，原记录保留。",
        "A record that is in the archive cannot be rewritten. Add a correction; the original "
        "stays.",
    ),
    "server_owned": Template(
        403,
        "这项内容由银行系统维护，设备上不能改。你的修改已放在待处理里。",
        "This is kept by the bank's systems and cannot be changed on a device. Your edit is kept "
        "under issues.",
    ),
    "guarded_field": Template(
        403,
        "{fields} 需要审批才能改，现值不变。你的修改已放在待处理里，请提交变更申请。",
        "{fields} changes only with approval; the present value stays. Your edit is kept under "
        "issues; file a change request.",
    ),
    "stale_transition": Template(
        409,
        "状态已变为 {current}，这一步没有执行。你的操作已放在待处理里，请看过现状再定。",
        "The state is now {current}, so this step was not taken. It is kept under issues; look "
        "at the present state and decide.",
    ),
    "four_eyes": Template(
        403,
        "自己提出的事不能自己批准，需要另一位主管。没有改动任何内容。",
        "What you asked for yourself is for another supervisor to decide. Nothing was changed.",
    ),
    # Sales and what they pay
    "unknown_product": Template(
        422,
        "产品目录里没有这个产品。记录在待处理里，不会丢；请同步目录后改选产品再发。",
        "The catalogue has no such product. The record is kept under issues; sync, choose a "
        "product and send it again.",
    ),
    "not_on_sale": Template(
        422,
        "“{product}”在这一天不在销售期内。记录还在，不会丢；请核对产品或日期。",
        "“{product}” was not on sale on that day. The record is kept; check the product or the "
        "day.",
    ),
    "not_in_the_field": Template(
        422,
        "“{product}”不能在现场走到这一步：只能登记意向，或预约到网点办理。记录还在，不会丢；"
        "请改成意向或预约。",
        "“{product}” cannot go this far in the field: log an intent, or an appointment at the "
        "branch. The record is kept; change it to one of these.",
    ),
    "no_measure": Template(
        422,
        "还缺数量或金额（{measure}），没有它算不出佣金。已填内容都在，请补上。",
        "The quantity or amount ({measure}) is missing, and without it nothing can be computed. "
        "What you entered is kept; add it.",
    ),
    "before_joining": Template(
        422,
        "这笔业务早于入职日期（{joined}），不能计入。记录还在，不会丢；请核对日期。",
        "This sale is dated before its seller joined ({joined}) and cannot count. The record is "
        "kept; check the date.",
    ),
    "risk_too_high": Template(
        422,
        "产品风险 {product} 高于客户的风险等级 {customer}，不能销售。记录还在，不会丢；"
        "请选风险更低的产品。",
        "The product's risk {product} is above the customer's grade {customer}, so it may not be "
        "sold. The record is kept; choose a product of lower risk.",
    ),
    "risk_expired": Template(
        422,
        "客户没有有效的风险测评，只能先登记意向并约做测评。记录还在，不会丢；请改为意向，"
        "选“先做风险测评”。",
        "The customer has no valid risk assessment: only an intent can be logged, with a new "
        "assessment first. The record is kept; change it to an intent with “assess first”.",
    ),
    "senior_care": Template(
        422,
        "客户已满 {age} 岁，买有风险的产品要先选一项保护：家人在场，或到网点双录。"
        "记录还在，不会丢；选好后再保存。",
        "The customer is {age} or older: for a product with risk choose a protection first, "
        "family present or a recording at the branch. The record is kept; choose and save again.",
    ),
    "shares_wrong": Template(
        422,
        "业绩分配不成立（{problem}）：各人比例合计必须正好 100 %。记录还在，不会丢；请改好再保存。",
        "The shares do not fit ({problem}): they must sum to exactly 100 %. The record is kept; "
        "correct them and save again.",
    ),
    "terms_wrong": Template(
        422,
        "佣金规则有一处写得不对（{path}：{problem}），没有保存成规则。草稿还在，请改好再提交。",
        "The commission rule is wrong at {path}: {problem}. It did not become a rule. The draft "
        "is kept; correct it and submit again.",
    ),
    "reason_missing": Template(
        422,
        "这一步要写明理由，没有改动任何内容。请写一句再提交。",
        "This step needs a reason, and nothing was changed. Write one and submit again.",
    ),
    # Alerts and relations
    "answers_missing": Template(
        422,
        "三个防骗问题还没有都回答，没有改动任何内容。问过客户再提交；问不到的选“不清楚”。",
        "The three anti-fraud questions are not all answered, and nothing was changed. Ask the "
        "customer and submit again; choose “don't know” where there is no answer.",
    ),
    "protect_first": Template(
        422,
        "异常资金要先问三个防骗问题，再登记原因。没有改动任何内容；请先完成核实。",
        "Of an abnormal flow the three anti-fraud questions come first, the cause after them. "
        "Nothing was changed; ask them first.",
    ),
    "cause_missing": Template(
        422,
        "还缺原因或采取的措施，没有改动任何内容。请各选一项再提交。",
        "The cause or what was done is missing, and nothing was changed. Choose one of each and "
        "submit again.",
    ),
    "resolution_missing": Template(
        422,
        "还没有写怎么解决的，工单没有办结，也没有改动。请写上处理结果再办结。",
        "How it was resolved is not said yet, so the case was not resolved and nothing was "
        "changed. Say what was done and resolve it again.",
    ),
    "case_of_another": Template(
        422,
        "这位客户名下没有这张工单，可能已随客户移走。这条进展已放在待处理里，不会丢。请同步，再到那张工单里记一次。",
        "This customer has no such case; it may have moved with its customer. The line is kept "
        "under issues; sync, then write it into the case where it now is.",
    ),
    "customer_not_asked": Template(
        422,
        "投诉要先问客户对处理结果是否满意，再关闭。没有改动任何内容；请问过客户后打分。",
        "Of a complaint the customer is asked what they think of the result before it is closed. "
        "Nothing was changed; ask them and give the score.",
    ),
    "report_first": Template(
        422,
        "有一个防骗问题的回答是“是”，只能上报。没有改动任何内容；请选“已上报主管”并马上联系主管。",
        "One of the anti-fraud questions was answered with yes, so it must be reported. Nothing "
        "was changed; choose “reported” and call your supervisor at once.",
    ),
    "signature_missing": Template(
        422,
        "写的是当面签字，但没有签名，也没有表单编号，没有保存。请补签；只是口头说的，就选口头。",
        "It says signed, but there is no signature and no number of a form, so it was not saved. "
        "Have it signed; if it was only said aloud, choose spoken.",
    ),
    "model_wrong": Template(
        422,
        "客户价值模型有一处写得不对（{path}：{problem}），没有启用，原来的模型继续有效。请改好再提交。",
        "The value model is wrong at {path}: {problem}. It is not in force, the one before still "
        "is. Correct it and bring it again.",
    ),
    "relation_wrong": Template(
        422,
        "关系要指向另一位客户，或写明对方姓名。已填内容都在，请补上。",
        "A relation leads to another customer, or names someone. What you entered is kept; "
        "complete it.",
    ),
    "collaborator_wrong": Template(
        422,
        "协办要选另一位在职的客户经理，不能是管户经理本人，没有保存。已填内容都在，请换一位同事。",
        "A collaborator is another account manager who works here, and not the owner, so it was "
        "not saved. What you entered is kept; choose another colleague.",
    ),
    "code_wrong": Template(
        422,
        "“{value}”不是统一社会信用代码（18 位，末位校验），没有保存。"
        "已填内容都在，请照营业执照核对；暂时不知道可以留空。",
        "“{value}” is no unified social credit code (18 signs, the last of which checks them), so "
        "it was not saved. What you entered is kept; compare it with the licence, or leave it out.",
    ),
    "award_wrong": Template(
        422,
        "潜客只能判给提出认领的人，没有保存。争议还在，请在认领人里选。",
        "A prospect goes to those who claim it, so this was not saved. The contest is still open; "
        "choose among them.",
    ),
    "claims_moved_on": Template(
        409,
        "认领的人有变化，裁定没有生效。争议还在，请同步后看过现状再定。",
        "Those who claim it have changed, so the decision does not stand. The contest is still "
        "open; sync, look at it as it is now, and decide.",
    ),
    "referral_wrong": Template(
        422,
        "转介要交给另一位在职的客户经理，没有保存。已填内容都在，请换一位同事。",
        "A referral goes to another account manager who works here, so it was not saved. What "
        "you entered is kept; choose another colleague.",
    ),
    "source_wrong": Template(
        422,
        "这笔销售的来源对不上：要么是这位客户的预警，要么是您已接受的转介，要么是您跟成这位客户的潜客。"
        "销售还在，请改选来源。",
        "The sale cannot come from that: it is an alert about this customer, a referral that you "
        "accepted, or your prospect that became this customer. The sale is kept; choose its source "
        "again.",
    ),
    "split_agreed": Template(
        422,
        "这笔销售来自转介，分成在接受转介时已经约定（转介人 {percent} %），不能另填。销售还在，"
        "请按约定的分成保存。",
        "This sale comes from a referral, whose split was agreed when it was accepted ({percent} % "
        "for the referrer). The sale is kept; save it with the agreed split.",
    ),
    "split_awarded": Template(
        422,
        "这位客户原是主管裁定由几位同事共有的潜客，分成已经裁定，不能另填。销售还在，请按裁定的分成保存。",
        "This customer was a prospect that a supervisor awarded to several, with a split. The sale "
        "is kept; save it with the awarded split.",
    ),
    "value_moved_on": Template(
        409,
        "现值已变为 {current}，与申请时看到的不同，没有改动。请看过现值后重新申请。",
        "The value is now {current}, not what the request was made on, so nothing was changed. "
        "Look at the present value and file a new request.",
    ),
    "id_taken": Template(
        409,
        "编号与另一条记录相同，没有写入。记录已放在待处理里，不会丢。",
        "Another record has this id, so nothing was written. The record is kept under issues.",
    ),
    "op_id_reused": Template(
        409,
        "同一操作号送来了不同的内容，没有写入。记录已放在待处理里，不会丢。",
        "The same operation id arrived with different content, so nothing was written. The "
        "record is kept under issues.",
    ),
    "depends_on_rejected": Template(
        424,
        "它依赖的另一条没有通过，所以一并放在待处理里，不会丢。先处理那一条。",
        "It depends on another record that was refused, so both are kept under issues. Settle "
        "that one first.",
    ),
    # Attachments and their content
    "attachment_size": Template(
        413,
        "附件是空的或超过 {limit_mb} MB，没有存下。已记下的不受影响，请换一个小一些的。",
        "The attachment is empty or larger than {limit_mb} MB and was not saved. What you recorded "
        "is unaffected; choose a smaller one.",
    ),
    "attachment_type": Template(
        415,
        "这不是能存的附件。照片用 JPEG、PNG、WebP，录音用 M4A、MP3、WebM、OGG、WAV，"
        "签名在屏幕上写。没有存下，已记下的不受影响。",
        "This cannot be attached. Photos are JPEG, PNG or WebP, recordings M4A, MP3, WebM, OGG or "
        "WAV, signatures are drawn on the screen. It was not saved; what you recorded is "
        "unaffected.",
    ),
    "blob_range": Template(
        416,
        "附件这一段接不上，另一边现有 {have} 字节。原件没有动，会从那里接着传。",
        "This part of the attachment does not follow; the other side has {have} bytes. The "
        "original is untouched and goes on from there.",
    ),
    "blob_mismatch": Template(
        422,
        "传来的附件和它的校验码对不上，收到的部分已丢弃。原件没有动，会从头再传。",
        "What arrived of the attachment does not match its checksum and was dropped. The original "
        "is untouched and is sent again from the start.",
    ),
    "blob_damaged": Template(
        422,
        "本机存的这份附件已损坏，不再发送。记录不受影响，请重新拍或录一份。",
        "The copy of this attachment on this device is damaged and is no longer sent. The record "
        "is unaffected; take or record it anew.",
    ),
    # Customers that are one
    "merged_already": Template(
        409,
        "这两份客户记录里有一份已经并入了别的记录，这次没有合并，资料都没动。同步后再看一遍还剩哪两份。",
        "One of the two customers has been merged into another meanwhile, so these were not. "
        "Nothing was changed; synchronise and look again at what is left.",
    ),
    "merged_further": Template(
        409,
        "合并后的客户又并入了另一份记录，要先拆开后一次（{customer}）。没有改动任何内容。",
        "What they were merged into has itself been merged since. Nothing was changed; split "
        "that one first ({customer}).",
    ),
    "not_merged": Template(
        409,
        "这份客户记录没有合并过，没有可拆的。没有改动任何内容。",
        "This customer was not merged, so there is nothing to split. Nothing was changed.",
    ),
    "pair_decided": Template(
        409,
        "这两份客户记录已经判断过（{status}），判断过的不再改。没有改动任何内容；合并错了可以拆开。",
        "It has been decided before what these two customers are ({status}), and that stands. "
        "Nothing was changed; a merge that was wrong can be split.",
    ),
    "kinds_differ": Template(
        409,
        "这两份客户记录一份是个人、一份是单位，不能合并。没有改动任何内容，请核对编号。",
        "One of these two customers is a person and the other an organisation, so they cannot be "
        "one. Nothing was changed; check the ids.",
    ),
    "blob_waiting": Template(
        404,
        "这份附件还没有传到网点，记录已在。等同事的设备连上后再点开。",
        "The content of this attachment has not reached the branch yet; its record has. Open it "
        "again once your colleague's device has been online.",
    ),
    "blob_quota": Template(
        507,
        "这台设备传来的附件里，还没有对应记录的太多，服务器先不再收。原件都在本机，记录送达后自动再传。",
        "Too much has come from this device that no record names yet, so the server takes no more "
        "for now. The originals are on this device and go out again once their records have "
        "arrived.",
    ),
}

CATALOGUE: Mapping[str, Template] = MappingProxyType(_CATALOGUE)
"""Every refusal by its code; the codes are part of the protocol and never change meaning."""


class _Missing(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


@dataclass
class Refusal(Exception):
    """A refused request or operation: a code of the catalogue and what fills its sentence.

    Not frozen: Python sets an exception's traceback on its way through a context manager.
    """

    code: str
    fields: Mapping[str, str] = field(default_factory=dict)
    wait_s: float = 0.0
    """For how many seconds the server asked to be left alone; 0 if it did not."""

    def __post_init__(self) -> None:
        if self.code not in CATALOGUE:
            raise KeyError(self.code)

    @property
    def status(self) -> int:
        """The HTTP status that carries this refusal when it answers a whole request."""
        return CATALOGUE[self.code].status

    def sentence(self, language: str = "zh") -> str:
        """Return the sentence a person reads, in "zh" or "en"."""
        template = CATALOGUE[self.code]
        text = template.zh if language == "zh" else template.en
        return text.format_map(_Missing(self.fields))

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence('en')}"


def refused(code: str, **fields: object) -> Refusal:
    """Build a refusal; `fields` fill the placeholders of its sentence."""
    return Refusal(code, {name: str(value) for name, value in fields.items()})
