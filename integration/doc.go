// Package integration holds the tests that run masker on a real PostgreSQL, and the tests of the code's structure. It
// exports nothing. server_test.go and database_test.go have the helpers of the tests: a server, databases and
// checksums. If Docker answers, testcontainers-go runs the server. Otherwise the tests start the PostgreSQL programs of
// the machine. The first line of the output says which server the tests use.
package integration
