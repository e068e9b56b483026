"""The shipped JSON Schemas, and the program that updates them."""
