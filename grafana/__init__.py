"""Grafana: provisioning and dashboards; `generate.py` is the source, the JSON beside it is what Grafana loads."""
