"""Words: every text the crew reads, in Chinese and English; CREW's table and no other words."""
