"""A request carried out: tables, shards and exports without the pages, written beside the old and published in one step."""
