"""What people and programs touch: the command line, the server, the web pages. No room below knows of it."""
