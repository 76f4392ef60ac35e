"""What a picture is worth: measures of clips, a reader of what they show, tables and contact sheets."""
