"""``jiaohao-setup``: makes a machine a hub, county server, kiosk, hall screen or panel, and checks it."""
