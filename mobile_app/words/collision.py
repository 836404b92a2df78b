"""Words about an organisation that is perhaps somebody's customer already."""

COLLISION: dict[str, tuple[str, str]] = {
    "collision.own": ("{name}是您的客户", "{name} is your customer"),
    "collision.open": ("看客户", "Open"),
    "collision.perhaps": (
        "可能已是本行客户，或有同事在跟（名单截至 {day}）。联系前先问主管，避免撞单。",
        "Perhaps a customer of the bank, or a colleague's prospect (list as of {day}). Ask your "
        "supervisor before you call, so that two of you do not.",
    ),
    "collision.not_known": (
        "本行客户名单（截至 {day}）里没有这个名称。简称和曾用名可能查不到。",
        "Not on the bank's list as of {day}. It may not know short and former names.",
    ),
    "collision.cannot_say": (
        "本机还没有可用的客户名单，查不了是否已是本行客户。联系前先问主管。",
        "This device has no list to tell by yet whether this is a customer. Ask your supervisor "
        "before you call.",
    ),
}
