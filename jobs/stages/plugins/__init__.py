"""The stages `measure` and `detect`: functions that others bring, called on every page, and what their findings do."""
