"""The JSON Schemas that we ship, and the program that refreshes them."""
