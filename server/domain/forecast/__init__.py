"""Waiting times by discrete-event Monte Carlo simulation of the hall."""
