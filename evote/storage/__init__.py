"""What is kept on a disk beside the published record."""
