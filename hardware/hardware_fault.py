"""What can go wrong with a device, stated in both languages."""

from __future__ import annotations

from protocol.faults import BilingualFault


class HardwareFault(BilingualFault):
    """Parent of faults of a device that cannot do its work."""
