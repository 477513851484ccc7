"""The wording that kiosk, paper, hall screen, phone and pages share: waits, places in the queue, times and dates."""
