"""Templates and style of the web view"""
