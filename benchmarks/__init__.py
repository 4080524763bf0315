"""How fast the design-based table and its replicates are, beside two peers on the same work in the same run."""
