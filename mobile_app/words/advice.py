"""Words of advice: how a customer likes to be turned to, and what to do next."""

ADVICE: dict[str, tuple[str, str]] = {
    "prefers": (
        "渠道偏好：{channel}（近一年 {n} 次，找到 {reached} 次，有结果 {good} 次）",
        "Prefers: {channel} ({n} in a year, reached {reached}, good {good})",
    ),
    "prefers.unknown": (
        "渠道偏好：还不知道（近一年主动联系 {n} 次）",
        "Prefers: not known yet ({n} contacts of ours in a year)",
    ),
    "prefers.time": ("{time}较好找（{n} 次找到 {met} 次）", "Best {time} ({met} of {n} reached)"),
    "weekday.0": ("周一", "Mondays"),
    "weekday.1": ("周二", "Tuesdays"),
    "weekday.2": ("周三", "Wednesdays"),
    "weekday.3": ("周四", "Thursdays"),
    "weekday.4": ("周五", "Fridays"),
    "weekday.5": ("周六", "Saturdays"),
    "weekday.6": ("周日", "Sundays"),
    "band.morning": ("上午", "mornings"),
    "band.noon": ("中午", "at noon"),
    "band.afternoon": ("下午", "afternoons"),
    "band.evening": ("晚上", "evenings"),
}
