"""Remote control of a running kiosk through a unix socket."""
