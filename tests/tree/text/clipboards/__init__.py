"""What programs put onto the clipboard as HTML, and the Markdown that is to become of it."""
