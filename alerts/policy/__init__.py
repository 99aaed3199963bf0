"""Policy: one stage a file, from a finding to an episode."""
