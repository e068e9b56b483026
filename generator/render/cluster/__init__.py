"""The kinds of objects that a cluster has beside its apps: one module each, with `FILE` and `parts(site)`."""
