"""Tests of the forms that election offices exchange."""
