package source

// Hijack lets the tests take a session of their own away from pgx.
var Hijack = hijack
