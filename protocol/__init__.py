"""What Jiaohao's processes say to each other, and how: messages, topics, the journal, clients, settings."""
