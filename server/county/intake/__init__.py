"""Takes the sites' journals in and answers what each site is told."""
