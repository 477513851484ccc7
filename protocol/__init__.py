"""The interfaces between Jiaohao's processes: messages, topics, the journal, clients, settings."""
