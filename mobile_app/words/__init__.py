"""The table of words: key to (Chinese, English), in one file per part of the app."""

from mobile_app.words.advice import ADVICE
from mobile_app.words.alerts import ALERTS
from mobile_app.words.attachments import ATTACHMENTS
from mobile_app.words.business import BUSINESS
from mobile_app.words.cases import CASES
from mobile_app.words.closing import CLOSING
from mobile_app.words.codes import CODES
from mobile_app.words.collision import COLLISION
from mobile_app.words.consents import CONSENTS
from mobile_app.words.duplicates import DUPLICATES
from mobile_app.words.fields import FIELDS
from mobile_app.words.inbox import INBOX
from mobile_app.words.pay import PAY
from mobile_app.words.plans import PLANS
from mobile_app.words.prospects import PROSPECTS
from mobile_app.words.records import RECORDS
from mobile_app.words.referrals import REFERRALS
from mobile_app.words.sales import SALES
from mobile_app.words.screens import SCREENS
from mobile_app.words.service import SERVICE
from mobile_app.words.standing import STANDING
from mobile_app.words.worth import WORTH

TABLE: dict[str, tuple[str, str]] = {
    **CODES,
    **SCREENS,
    **RECORDS,
    **FIELDS,
    **CASES,
    **INBOX,
    **ATTACHMENTS,
    **PAY,
    **SALES,
    **REFERRALS,
    **PROSPECTS,
    **PLANS,
    **CLOSING,
    **ALERTS,
    **SERVICE,
    **WORTH,
    **ADVICE,
    **CONSENTS,
    **COLLISION,
    **STANDING,
    **BUSINESS,
    **DUPLICATES,
}
