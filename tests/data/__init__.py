"""What tests read: documents of others, and Secrets of the shapes that people have."""
