"""Where the regions of a survey lie: made once from a published topology, and read for the maps of the site."""
