// Package integration holds the tests that run masker on a real PostgreSQL, and the tests of the code's structure. It
// exports nothing. Among the files with helpers are server_test.go and database_test.go: a server, databases and
// checksums. If Docker answers, testcontainers-go runs the server. Otherwise the tests start the PostgreSQL programs of
// the machine. A line at the beginning of the output says which server the tests use.
package integration
