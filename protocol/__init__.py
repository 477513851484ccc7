"""What Jiaohao's processes exchange, and how: messages, topics, the journal, clients, settings."""
