"""Host regions: take their steps, run the methods, commit what they did."""
