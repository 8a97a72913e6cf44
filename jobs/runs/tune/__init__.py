"""Runs that begin with another run's weights: what they are tuned by, the tuning itself, and its examples taken out again"""
