"""Words of where a customer stands: states, causes, churn points. Never for the customer."""

STANDING: dict[str, tuple[str, str]] = {
    "entity.customer_state": ("客户状态", "Customer state"),
    "entity.churn_risk": ("流失风险", "Churn risk"),
    "states": ("客户状态", "Where they stand"),
    "state.potential": ("潜在", "Potential"),
    "state.new": ("新客", "New"),
    "state.growing": ("成长", "Growing"),
    "state.stable": ("稳定", "Stable"),
    "state.at_risk": ("有流失风险", "At risk"),
    "state.dormant": ("沉睡", "Dormant"),
    "state.lost": ("流失", "Lost"),
    "state.won_back": ("挽回", "Won back"),
    "state.since": ("{day}起", "since {day}"),
    "state.former": ("{state}（{day}起）", "{state} (from {day})"),
    "state.before": ("之前：{states}", "Before: {states}"),
    "state_cause.no_account.plain": ("还没有在本行开户", "No account with us yet"),
    "state_cause.account_opened": ("{figure} 开了第一个账户", "First account opened {figure}"),
    "state_cause.settled": ("{figure} 天来都平稳", "Steady for {figure} days"),
    "state_cause.settled.plain": ("没有异常迹象", "Nothing unusual"),
    "state_cause.growth": ("三个月里资产增加了 {figure} %", "Assets up {figure} % in three months"),
    "state_cause.growth_over": (
        "增长停了，三个月里变化 {figure} %",
        "Growth is over: {figure} % in three months",
    ),
    "state_cause.churn_points": (
        "流失迹象合计 {figure} 分，满 60 分就要当心",
        "{figure} points of leaving; 60 is the line",
    ),
    "state_cause.recovered": ("流失迹象降到 {figure} 分", "Points of leaving down to {figure}"),
    "state_cause.silent": (
        "{figure} 天没有联系，账户也没有动",
        "No contact for {figure} days and nothing moved",
    ),
    "state_cause.active_again": ("又有资金进来：{figure}", "Money comes in again: {figure}"),
    "state_cause.all_closed": (
        "账户都销了，最后一个在 {figure}",
        "All closed, last {figure}",
    ),
    "state_cause.returned": ("又回来了，现有资产 {figure}", "Came back, holds {figure}"),
    "churn.points": (
        "流失风险 {points} 分，{line} 分是警戒线",
        "{points} points, line {line}",
    ),
    "churn.given": ("+{points}", "+{points}"),
    "churn.assets_down": (
        "三个月里资产少了 {n} % 以上",
        "Assets down {n} % in three months",
    ),
    "churn.inflow_stopped": (
        "每月固定的进账停了，上月只有平时的 {n} %",
        "The monthly inflow stopped: {n} % of the usual last month",
    ),
    "churn.matured_left": (
        "到期的钱有 {n} % 以上转走了",
        "{n} % or more of what matured went out",
    ),
    "churn.no_contact": ("{n} 天以上没有联系", "No contact for {n} days or more"),
    "churn.low_satisfaction": ("最近一次满意度只有 {n} 分", "Last satisfaction score: {n}"),
    "churn.complaint": ("有 {n} 件投诉没办完", "{n} complaints open"),
    "churn.products_closed": ("三个月里销了 {n} 个以上账户", "{n} accounts or more closed lately"),
}
