"""Planted text that shows in its words: orders to a model, control tokens, gibberish, what chat models leave behind."""
