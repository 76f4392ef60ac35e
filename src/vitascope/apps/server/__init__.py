"""The server: jobs that outlive every process, for the clients of OpenAI, of Runway, and our own."""
