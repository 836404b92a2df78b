"""What differs between native, browser and desktop, behind one shape each."""
