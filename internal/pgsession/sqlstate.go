package pgsession

import "cmp"

// sentence says what a SQLSTATE means, and what to do next.
func sentence(code string) string {
	return cmp.Or(ofServer(code), ofData(code), class(code))
}

// ofServer describes a SQLSTATE about the session, the server or other sessions. It returns "" for any other SQLSTATE.
func ofServer(code string) string {
	switch code {
	case "28P01":
		return "wrong password, or no such role; check the URL, PGPASSWORD or the password file"
	case "28000":
		return "the server does not let this role in; check pg_hba.conf, the role's LOGIN attribute and sslmode"
	case "3D000":
		return "the database does not exist; check the URL"
	case "42501":
		return "the role lacks a permission; a source needs pg_read_all_data and CONNECT, a target CREATEDB and pg_signal_backend"
	case "53100":
		return "the server's disk is full; free space there, then run again"
	case "53200":
		return "the server is out of memory"
	case "53300":
		return "the server has no free connection; use fewer workers, or raise max_connections"
	case "55000":
		return "the object is not in the state that the statement needs"
	case "55006":
		return "the object is in use by other sessions"
	case "55P03":
		return "another session holds a conflicting lock or waits for one, and masker does not queue behind it; run again when it has finished"
	case "57014":
		return "the statement was cancelled by an administrator or a timeout of the server"
	case "57P01":
		return "an administrator ended the session, or the server is shutting down"
	case "57P02", "57P03":
		return "the server is starting up, shutting down or recovering from a crash; try again soon"
	case "57P05", "25P03", "25P04":
		return "the server ended the session by a timeout of its own; exempt the role from idle and transaction timeouts"
	case "40001":
		return "a standby's recovery cancelled the read; turn on hot_standby_feedback, raise max_standby_streaming_delay, or read the primary"
	case "40P01":
		return "a deadlock with another session; run again"
	case "58P01":
		return "the server misses one of its files"
	case "XX001", "XX002":
		return "the server found corrupted data"
	}
	return ""
}

// ofData describes a SQLSTATE about values, rows or objects. It returns "" for any other SQLSTATE.
func ofData(code string) string {
	switch code {
	case "22021", "22P05":
		return "bytes that are not valid text in this encoding"
	case "23502":
		return "a NULL where the column does not allow one"
	case "23503":
		return "a foreign key's value has no counterpart"
	case "23505":
		return "a value that must be unique is there twice"
	case "23514":
		return "a row breaks a CHECK constraint, or has no partition"
	case "23P01":
		return "a row conflicts with an exclusion constraint"
	case "22P02", "22P03":
		return "a value is not valid input for its type"
	case "22001":
		return "a value is too long for its column"
	case "22003":
		return "a number is out of its type's range"
	case "22007", "22008":
		return "a date or time is not valid"
	case "42P01":
		return "the table does not exist"
	case "42703":
		return "the column does not exist"
	case "42710", "42P04", "42P06", "42P07":
		return "an object of that name exists already"
	}
	return ""
}

// class describes the class of a SQLSTATE. The classes are in Appendix A of PostgreSQL's manual.
func class(code string) string {
	if len(code) != 5 {
		return "the server reported an error"
	}
	switch code[:2] {
	case "08":
		return "the connection failed"
	case "0A":
		return "the server does not support what the statement asks for"
	case "22":
		return "the server refused a value"
	case "23":
		return "a row breaks a constraint"
	case "25", "40":
		return "the transaction could not go on"
	case "28":
		return "the server does not let this role in"
	case "42":
		return "the server refused a statement: a missing object, a permission, or its syntax"
	case "53":
		return "the server lacks resources"
	case "54":
		return "a limit of the server was exceeded"
	case "57":
		return "an operator intervened"
	case "58":
		return "the server met a system error"
	case "P0":
		return "a function raised an error"
	case "XX":
		return "the server met an internal error"
	}
	return "the server reported an error"
}
