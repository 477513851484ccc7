"""What a demo site consists of: folders, settings, broker, programs."""
