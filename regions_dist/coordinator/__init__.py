"""Open runs and watch them. A coordinator holds nothing: any other can go on where it stopped."""
