"""What would have been: today gone through again with a ventanilla more."""
