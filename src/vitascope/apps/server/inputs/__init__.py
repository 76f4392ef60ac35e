"""What clients send in: media by URL, as uploads, as data URLs; looked at before anything else sees it."""
