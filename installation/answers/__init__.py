"""What a technician answers: the model of a file of answers, and the questions for what it leaves out."""
