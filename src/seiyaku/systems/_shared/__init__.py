"""Common ground of the company systems; they import this and never each other."""
