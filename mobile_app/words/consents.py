"""Words of consents: the purposes, what an answer means, and how it was said."""

CONSENTS: dict[str, tuple[str, str]] = {
    "entity.consent": ("授权", "Consent"),
    "consents": ("授权", "Consents"),
    "consent.personalisation": ("个性化推荐", "Personal recommendations"),
    "consent.marketing_contact": ("营销联系", "Marketing contact"),
    "consent.data_sharing": ("信息共享", "Sharing of data"),
    "consent_answer.given": ("同意", "Allow"),
    "consent_answer.refused": ("不同意", "Refuse"),
    "consent_said.signed": ("签字", "signed"),
    "consent_said.spoken": ("口头", "spoken"),
    "consent_said.online": ("线上", "online"),
    "consent.unsaid": ("没说过，不算同意", "Never asked; that is no consent"),
    "consent.sign": ("签字", "Sign"),
    "consent.spoken": ("口头说的", "Said aloud"),
    "consent_means.personalisation.given": (
        "可以按客户的情况推荐产品，到期前会提醒你联系。",
        "Products may be recommended by what is known; you are told of money that matures.",
    ),
    "consent_means.personalisation.refused": (
        "不再推荐产品，没处理的营销预警会撤回。资金安全和服务的提醒照常。",
        "Nothing is recommended and open marketing alerts are taken back. Alerts that protect or "
        "serve the customer stay.",
    ),
    "consent_means.marketing_contact.given": (
        "可以打电话、发消息介绍产品和活动。",
        "Calls and messages about products and events are welcome.",
    ),
    "consent_means.marketing_contact.refused": (
        "不要为了营销打电话、发消息。不再建议销售上的事，没处理的营销预警会撤回。服务和安全的联系不受影响。",
        "No calls or messages to sell: no sale is advised, open marketing alerts are taken back. "
        "Service and safety are not touched.",
    ),
    "consent_means.data_sharing.given": (
        "办理业务时，可以把需要的信息提供给合作机构。",
        "What a partner needs for a service may be passed on to them.",
    ),
    "consent_means.data_sharing.refused": (
        "不把客户信息提供给合作机构。需要对方信息的业务可能办不了。",
        "Nothing is passed on to partners; a service that needs it may not be possible.",
    ),
    "facing.consents": ("您的授权", "What you allow us"),
    "facing.consent.personalisation": (
        "按您的情况推荐产品",
        "Recommend products by what we know of you",
    ),
    "facing.consent.marketing_contact": (
        "打电话、发消息介绍产品",
        "Call or message you about products",
    ),
    "facing.consent.data_sharing": (
        "把必要的信息提供给合作机构",
        "Pass on to partners what they need",
    ),
    "facing.consent.unsigned": ("不签字，口头确认", "Confirm without signing"),
    "facing.consent_means.personalisation.given": (
        "我们会按您的账户和需要推荐合适的产品。您随时可以改。",
        "We recommend what fits your accounts and needs. You can change this at any time.",
    ),
    "facing.consent_means.personalisation.refused": (
        "我们不再按您的情况推荐产品。账户安全和服务不受影响。",
        "We no longer recommend products by what we know of you. Safety and service stay.",
    ),
    "facing.consent_means.marketing_contact.given": (
        "我们会打电话或发消息，介绍产品和活动。您随时可以改。",
        "We call or message you about products and events. You can change this at any time.",
    ),
    "facing.consent_means.marketing_contact.refused": (
        "我们不再为推销打扰您。账户安全和服务的通知照常。",
        "We no longer call to sell. Notices of safety and service stay.",
    ),
    "facing.consent_means.data_sharing.given": (
        "办理您要的业务时，我们把必要的信息提供给合作机构。您随时可以改。",
        "For a service you ask for, partners get what they need. You can change this at any time.",
    ),
    "facing.consent_means.data_sharing.refused": (
        "我们不把您的信息提供给合作机构。需要合作机构的业务可能办不了。",
        "We pass nothing on to partners; a service that needs them may not be possible.",
    ),
}
