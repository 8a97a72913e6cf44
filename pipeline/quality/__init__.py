"""What a text measures, and the rules that judge the measures."""
