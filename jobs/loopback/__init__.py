"""What serves this machine alone: the guard before an application, and the server that listens on 127.0.0.1."""
