"""What a page tells of people and gives away: addresses, phones, accounts, cards, identities, keys; by kind, a file each."""
