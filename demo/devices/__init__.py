"""Simulated hardware of the demo: window panels, ticket printers, and a camera before the hall screen."""
