"""Picture: the parts from which `alerts.evidence_picture` draws what a model saw."""
