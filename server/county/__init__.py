"""All sites together: their journals taken in, the whole picture, and what each is told of the others."""
