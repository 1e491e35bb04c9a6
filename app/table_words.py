"""What the tables of people's records are called."""

from app.words import tr


def table_titles() -> dict[str, str]:
    """Return the titles of the tables that people work with."""
    return {
        "act": tr("Refusal, print or export"),
        "backup_check": tr("Daily check of backups"),
        "backup_plan": tr("Backup plan"),
        "backup_run": tr("Backup run"),
        "check_item": tr("Check of a device"),
        "ci": tr("Configuration item"),
        "contact": tr("Contact"),
        "database_copy": tr("Copy of the database"),
        "handover": tr("Hand-over"),
        "incident": tr("Incident"),
        "incident_event": tr("Step of an incident"),
        "inspection": tr("Inspection"),
        "inspection_value": tr("Figure of an inspection"),
        "login_lock": tr("Lock of a login"),
        "maintenance": tr("Maintenance of a device"),
        "notification": tr("Notice to a person"),
        "operation": tr("Operation in the room"),
        "password": tr("Password"),
        "person": tr("Person"),
        "person_post": tr("Post of a person"),
        "place": tr("Place"),
        "relation": tr("Relation"),
        "restore_test": tr("Restore test"),
        "roster_entry": tr("Turn of the roster"),
        "setting": tr("Setting"),
        "shift_log_entry": tr("Line of the shift log"),
        "sign_in": tr("Sign-in"),
        "signature": tr("Signature"),
        "system_right": tr("Right on a system"),
        "threshold": tr("Limit"),
        "trail_review": tr("Review of the audit trail"),
        "visit": tr("Visit"),
        "visit_item": tr("Carried item"),
        "visit_member": tr("Visitor"),
        "work_order": tr("Work order"),
    }
