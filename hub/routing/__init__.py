"""What happened, and who is told: projections, events, rules, attribution, referrals, wording. Pure."""
