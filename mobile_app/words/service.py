"""Words of service: cases with their steps and clock, promises, and contacts of other channels."""

SERVICE: dict[str, tuple[str, str]] = {
    # Cases
    "entity.service_case": ("工单", "Case"),
    "entity.case_step": ("工单记录", "Case log"),
    "service_kind.complaint": ("投诉", "Complaint"),
    "service_kind.request": ("申请", "Request"),
    "service_kind.question": ("咨询", "Question"),
    "service_kind.loss_report": ("挂失", "Loss report"),
    "service_kind.correction": ("更正", "Correction"),
    "service_status.open": ("待受理", "Open"),
    "service_status.working": ("处理中", "Working on it"),
    "service_status.waiting_for_customer": ("等客户", "Waiting for customer"),
    "service_status.resolved": ("已解决", "Resolved"),
    "service_status.closed": ("已关闭", "Closed"),
    "service_status.reopened": ("重新打开", "Reopened"),
    "column.service_case.kind": ("工单类别", "Kind of case"),
    "column.severity": ("紧急程度", "Severity"),
    "column.subject": ("事由", "Subject"),
    "column.opened_at": ("受理时间", "Opened"),
    "column.opened_by": ("受理人", "Opened by"),
    "column.due_at": ("时限", "Due"),
    "column.stepped_at": ("这一步的时间", "Time of the step"),
    "column.resolution": ("处理结果", "Resolution"),
    "column.case_step.status": ("进展到", "Came to"),
    "column.case_id": ("工单", "Case"),
    "column.assignee_id": ("处理人", "Worked on by"),
    "column.what": ("做了什么", "What was done"),
    # Contacts of other channels
    "call_direction.inbound": ("呼入", "Inbound"),
    "call_direction.outbound": ("呼出", "Outbound"),
    "column.direction": ("呼入或呼出", "Direction"),
    "column.source": ("来源系统", "Source"),
    "column.agent": ("经办人", "Agent"),
    "column.received_at": ("导入时间", "Received"),
    # Promises
    "column.promised": ("答应了客户", "Promised"),
}
