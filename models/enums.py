"""The closed lists of the field, each member with its English label (the key of its translation).

Importing this module loads nothing but `enum`, so that a window can paint before the database layer is there.
"""

from enum import StrEnum


class Word(StrEnum):
    """A stored value and the label that people read: `CRITICAL = "critical", "Critical"`."""

    label: str

    def __new__(cls, value: str, label: str = "") -> "Word":
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


class State(Word):
    """What the watch says of a device; declared worst first, which is the board's order."""

    CRITICAL = "critical", "Critical"
    UNREACHABLE = "unreachable", "Unreachable"
    WARNING = "warning", "Warning"
    UNKNOWN = "unknown", "Unknown"
    MAINTENANCE = "maintenance", "In maintenance"
    NORMAL = "normal", "Normal"

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return _STATE_RANK[self]


_STATE_RANK = {state.value: rank for rank, state in enumerate(State)}


class Severity(Word):
    """How bad a check's finding is; chooses the sound."""

    WARNING = "warning", "Warning"
    CRITICAL = "critical", "Critical"


class Grade(Word):
    """A person's judgement of an incident, I the worst (REQUIREMENTS B7)."""

    I = "I", "I (especially serious)"  # noqa: E741
    II = "II", "II (serious)"
    III = "III", "III (major)"
    IV = "IV", "IV (general)"


class Priority(Word):
    """Chooses the target times (REQUIREMENTS B10)."""

    URGENT = "urgent", "Urgent"
    HIGH = "high", "High"
    NORMAL = "normal", "Ordinary"
    LOW = "low", "Low"


class IncidentState(Word):
    NEW = "new", "New"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    ASSIGNED = "assigned", "Assigned"
    RESOLVED = "resolved", "Resolved"
    CLOSED = "closed", "Closed"
    NOISE = "noise", "Noise"


class Source(Word):
    """Where an incident came from (REQUIREMENTS B1)."""

    MONITORING = "monitoring", "Monitoring"
    TELEPHONE = "telephone", "Telephone"
    HOTLINE = "hotline", "Mobile hotline"
    DEPARTMENT = "department", "Other department"
    INSPECTION = "inspection", "Inspection"
    BACKUP = "backup", "Backup log"
    OPERATOR = "operator", "Duty operator"


class MessageKind(Word):
    """How a message came."""

    TRAP = "trap", "SNMP trap"
    INFORM = "inform", "SNMP inform"
    SYSLOG = "syslog", "Syslog"
    WEBHOOK = "webhook", "Webhook"
    REDFISH = "redfish", "Redfish log"


class EventKind(Word):
    """A line of an incident's time line."""

    OPENED = "opened", "Opened"
    UPDATED = "updated", "Updated"
    CLEARED = "cleared", "Cleared"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    ASSIGNED = "assigned", "Assigned"
    NOTE = "note", "Note"
    ESCALATED = "escalated", "Escalated"
    NOTIFIED = "notified", "Person told"
    GRADED = "graded", "Grade changed"
    RESOLVED = "resolved", "Resolved"
    CLOSED = "closed", "Closed"
    REOPENED = "reopened", "Reopened"
    NOISE = "noise", "Marked as noise"


class Medium(Word):
    """How a person was told (REQUIREMENTS B6)."""

    TELEPHONE = "telephone", "Telephone"
    MOBILE = "mobile", "Mobile"
    MESSAGE = "message", "Text message"
    MAIL = "mail", "E-mail"
    IN_PERSON = "in_person", "In person"


class Post(Word):
    """The posts of the role matrix (SECURITY 1); the last two are service identities."""

    OPERATOR = "operator", "Duty operator"
    ENGINEER = "engineer", "Engineer"
    DESK = "desk", "Service desk"
    ROOM_MANAGER = "room_manager", "Machine-room manager"
    CLERK = "clerk", "Clerk"
    MANAGER = "manager", "Project manager"
    AUDITOR = "auditor", "Auditor"
    ADMINISTRATOR = "administrator", "Administrator"
    COLLECTOR = "collector", "Collector"
    DISPLAY = "display", "Display"


class CiState(Word):
    """Life cycle of a configuration item (REQUIREMENTS D1)."""

    PLANNED = "planned", "Planned"
    IN_STOCK = "in_stock", "In stock"
    IN_USE = "in_use", "In use"
    STANDBY = "standby", "Standby"
    REPAIR = "repair", "Under repair"
    RETIRED = "retired", "Retired"


class PlaceKind(Word):
    SITE = "site", "Site"
    ROOM = "room", "Machine room"
    ROW = "row", "Row"
    RACK = "rack", "Rack"
    OFFICE = "office", "Office area"


class RelationKind(Word):
    """`source` KIND `target`."""

    RUNS_ON = "runs_on", "Runs on"
    DEPENDS_ON = "depends_on", "Depends on"
    CONNECTS_TO = "connects_to", "Connects to"
    POWERED_BY = "powered_by", "Powered by"
    PART_OF = "part_of", "Part of service"
    BACKED_UP_BY = "backed_up_by", "Backed up by"


class CheckKind(Word):
    LOCAL = "local", "This machine"
    ICMP = "icmp", "Ping"
    TCP = "tcp", "TCP port"
    HTTP = "http", "Web page"
    SNMP = "snmp", "SNMP"
    REDFISH = "redfish", "Redfish"
    IPMI = "ipmi", "IPMI"
    NUT = "nut", "UPS (NUT)"
    MODBUS = "modbus", "Modbus TCP"
    POSTGRESQL = "postgresql", "PostgreSQL"
    MYSQL = "mysql", "MySQL or MariaDB"
    ORACLE = "oracle", "Oracle"
    TOMCAT = "tomcat", "Tomcat"
    RABBITMQ = "rabbitmq", "RabbitMQ"
    WEBLOGIC = "weblogic", "WebLogic"
    MUST_REACH = "must_reach", "Must be reachable"
    MUST_NOT_REACH = "must_not_reach", "Must not be reachable"


class Fact(Word):
    """What a device says of itself and its record says as well (REQUIREMENTS D1)."""

    MODEL = "model", "Model"
    SERIAL = "serial", "Serial number"
    FIRMWARE = "firmware", "Version"
    ADDRESS = "address", "Address"
    PORTS = "ports", "Ports"
    INTERFACES = "interfaces", "Interfaces"


class DifferenceState(Word):
    """What became of a difference between a device and its record; the first three stand."""

    OPEN = "open", "To be decided"
    ORDERED = "ordered", "Work order"
    KEPT = "kept", "Record kept"
    ACCEPTED = "accepted", "Taken into the record"
    GONE = "gone", "Matches again"


class Approval(Word):
    WRITTEN = "written", "Written"
    ORAL = "oral", "Oral"


class VisitState(Word):
    ANNOUNCED = "announced", "Announced"
    INSIDE = "inside", "Inside"
    LEFT = "left", "Left"
    VOID = "void", "Void"


class CertificateType(Word):
    """The paper that a visitor shows at the door."""

    IDENTITY_CARD = "identity_card", "Identity card"
    WORK_CARD = "work_card", "Work card"
    PASSPORT = "passport", "Passport"
    DRIVING_LICENCE = "driving_licence", "Driving licence"
    OTHER = "other", "Other paper"


class Direction(Word):
    IN = "in", "Carried in"
    OUT = "out", "Carried out"


class BackupResult(Word):
    EXPECTED = "expected", "Expected"
    RUNNING = "running", "Running"
    OK = "ok", "Succeeded"
    WARNING = "warning", "With warnings"
    FAILED = "failed", "Failed"
    MISSING = "missing", "Missing"
    LATE = "late", "Late"


class BackupFormat(Word):
    MANUAL = "manual", "Entered by hand"
    RESTIC = "restic", "restic"
    BORG = "borg", "Borg"
    BACULA = "bacula", "Bacula"
    PGBACKREST = "pgbackrest", "pgBackRest"


class BackupContent(Word):
    """What a plan keeps (REQUIREMENTS F2)."""

    SYSTEM = "system", "System software and data"
    BUSINESS = "business", "Business data"
    LOGS = "logs", "Operation logs"


class Frequency(Word):
    DAILY = "daily", "Daily"
    WEEKLY = "weekly", "Weekly"
    MONTHLY = "monthly", "Monthly"
    QUARTERLY = "quarterly", "Quarterly"
    HALF_YEARLY = "half_yearly", "Half-yearly"
    YEARLY = "yearly", "Yearly"


class Area(Word):
    """The five areas of maintenance (REQUIREMENTS A1) and the yearly management sheet (G1)."""

    ROOM = "room", "Machine-room environment"
    HARDWARE = "hardware", "Hardware platform"
    NETWORK = "network", "Network"
    BASE = "base", "Base software"
    APPLICATION = "application", "Application software"
    MANAGEMENT = "management", "Management"


class InspectionState(Word):
    DUE = "due", "Due"
    DRAFT = "draft", "Being filled in"
    SIGNED_ONCE = "signed_once", "Awaiting second signature"
    SIGNED = "signed", "Signed"
    CORRECTED = "corrected", "Replaced by a correction"
    VOID = "void", "Void"


class ItemResult(Word):
    NORMAL = "normal", "Normal"
    ABNORMAL = "abnormal", "Abnormal"
    NOT_APPLICABLE = "not_applicable", "Not applicable"


class WorkOrderState(Word):
    OPEN = "open", "Open"
    DONE = "done", "Done"
    VOID = "void", "Void"


class ShiftLogKind(Word):
    NOTE = "note", "Note"
    FINDING = "finding", "Finding"
    GAP = "gap", "Gap in watching"
    HANDOVER = "handover", "Hand-over"


class HandoverState(Word):
    DRAFT = "draft", "Draft"
    OFFERED = "offered", "Awaiting the next shift"
    SIGNED = "signed", "Signed"
