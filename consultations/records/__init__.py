"""Recording a consultation: its content, drafts, corrections and pages."""
