"""What a change will do: the objects of two revisions compared, with the effect and the cause of each difference."""
