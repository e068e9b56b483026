"""Dashboards for Grafana: their queries, their panels, and the dashboards of one cluster."""
