"""What is to be made, by whom, in which turn: jobs, their queue, their workers. Knows no dialect."""
