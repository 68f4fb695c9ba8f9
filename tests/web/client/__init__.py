"""The browser client: in node against the library and its vectors, and in a browser."""
