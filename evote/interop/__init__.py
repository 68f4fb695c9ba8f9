"""Records of other systems."""
