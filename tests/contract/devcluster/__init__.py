"""Tests of the development cluster with the real components."""
