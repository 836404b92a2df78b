"""The field's own things and rules, one file per entity; importing this declares them all.

A new synced entity is one new file here plus one line below.
"""

from shared.domain.account import Account
from shared.domain.action_answer import ActionAnswer
from shared.domain.alert import Alert
from shared.domain.attachment import Attachment
from shared.domain.change_request import ChangeRequest
from shared.domain.churn_risk import ChurnRisk
from shared.domain.collaborator import Collaboration, Collaborator
from shared.domain.commission_entry import CommissionEntry
from shared.domain.commission_rule import CommissionRule
from shared.domain.conflict import Conflict
from shared.domain.consent import Consent
from shared.domain.customer import Customer
from shared.domain.customer_state import CustomerState
from shared.domain.customer_value import CustomerValue
from shared.domain.device_state import DeviceState
from shared.domain.dispute import Dispute
from shared.domain.duplicate import Duplicate
from shared.domain.employee import Employee
from shared.domain.goal import Quality, Target
from shared.domain.identifier import Identifier
from shared.domain.interaction import Interaction
from shared.domain.issue import Issue
from shared.domain.org_unit import OrgUnit
from shared.domain.pay_period import PayPeriod
from shared.domain.product import Product
from shared.domain.prospect import Prospect, ProspectContact, ProspectContest
from shared.domain.provenance import Provenance
from shared.domain.record_change import RecordChange
from shared.domain.referral import Referral
from shared.domain.relation import Relation
from shared.domain.review import Review
from shared.domain.roll import Roll, RollPart
from shared.domain.sale import Sale
from shared.domain.sale_share import SaleShare
from shared.domain.service_case import CaseStep, ServiceCase
from shared.domain.statement import Statement
from shared.domain.task import Task
from shared.domain.visit_template import VisitTemplate

__all__ = [
    "Account",
    "ActionAnswer",
    "Alert",
    "Attachment",
    "CaseStep",
    "ChangeRequest",
    "ChurnRisk",
    "Collaboration",
    "Collaborator",
    "CommissionEntry",
    "CommissionRule",
    "Conflict",
    "Consent",
    "Customer",
    "CustomerState",
    "CustomerValue",
    "DeviceState",
    "Dispute",
    "Duplicate",
    "Employee",
    "Identifier",
    "Interaction",
    "Issue",
    "OrgUnit",
    "PayPeriod",
    "Product",
    "Prospect",
    "ProspectContact",
    "ProspectContest",
    "Provenance",
    "Quality",
    "RecordChange",
    "Referral",
    "Relation",
    "Review",
    "Roll",
    "RollPart",
    "Sale",
    "SaleShare",
    "ServiceCase",
    "Statement",
    "Target",
    "Task",
    "VisitTemplate",
]
