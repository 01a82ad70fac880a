// Package integration holds the stories: tests of the whole house on a real PostgreSQL, and the test of its
// layers. It exports nothing. What a story needs (a server, a database, a checksum) is in server_test.go and
// database_test.go; the server runs through testcontainers-go where Docker answers, else from the machine's
// own programs, and the first line of the output says which.
package integration
