"""Captures PyTorch models for Assay, in the user's own Python. See README.md for the protocol."""
