"""The filter language of fleet rows and of the inspector's entries. Pure: text in, a predicate out."""
