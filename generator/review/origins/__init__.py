"""Where a rendered value comes from: the template, the layers of settings, and the lines that change it."""
