"""Tests of the development cluster that need no cluster."""
