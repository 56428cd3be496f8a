"""Paper: previews of laid-out pages, the printer, and the dialogs that lead there."""
