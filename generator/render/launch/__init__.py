"""How a model server is started with its model: command, config files, mounts, probes, from `templates/servers/`."""
