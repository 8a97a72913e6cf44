"""One outcome for every record, and what of the pages that are left a recipe draws."""
