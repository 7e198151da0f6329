"""A practice's side: its panel, its notices, its referrals."""
