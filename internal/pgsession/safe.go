package pgsession

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// Error is the part of a server's or a connection's error that contains no data: the SQLSTATE, the names of the objects
// concerned, and a sentence of masker's own. It wraps no other error. So nobody can get a text that quotes data from
// it, not even with %+v, errors.As or Unwrap.
type Error struct {
	Code       string // SQLSTATE; its class is 08 if the connection itself failed
	Schema     string
	Table      string
	Column     string
	DataType   string
	Constraint string
	text       string
}

// Error returns the names of the objects, the sentence and the SQLSTATE.
func (e *Error) Error() string {
	var b strings.Builder
	if object := e.object(); object != "" {
		b.WriteString(object + ": ")
	}
	b.WriteString(e.text)
	if e.Constraint != "" {
		fmt.Fprintf(&b, " (constraint %s)", e.Constraint)
	}
	if e.Code != "" {
		fmt.Fprintf(&b, " [SQLSTATE %s]", e.Code)
	}
	return b.String()
}

// object returns the qualified name of the object that the error is about, or "" if the server names no object.
func (e *Error) object() string {
	var parts []string
	for _, p := range []string{e.Schema, e.DataType, e.Table, e.Column} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ".")
}

// Code returns the SQLSTATE of an error from the server or from Safe. It returns "" for any other error.
func Code(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

// Safe turns any error of pgx into an error that contains no data. nil stays nil. If the error wraps a context's error
// or pgx.ErrNoRows, Safe returns the wrapped error alone. If the error is or wraps an earlier result of Safe, Safe
// returns it unchanged.
func Safe(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return fromServer(e)
	}
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	case errors.Is(err, pgx.ErrNoRows):
		return pgx.ErrNoRows
	}
	return fromConnection(err)
}

// fromServer keeps only the fields that contain names. Message, Detail, Where, Hint and the queries can quote data.
func fromServer(e *pgconn.PgError) *Error {
	return &Error{
		Code: e.Code, Schema: e.SchemaName, Table: e.TableName, Column: e.ColumnName,
		DataType: e.DataTypeName, Constraint: e.ConstraintName, text: sentence(e.Code),
	}
}

// fromConnection describes a failure of the connection. For an error that it does not know, it shows only the names of
// the types.
func fromConnection(err error) *Error {
	if e, ok := errors.AsType[*pgproto3.ExceededMaxBodyLenErr](err); ok {
		return &Error{Code: "54000", text: fmt.Sprintf("the server sent a message of more than %d bytes; raise max_row, or skip the table", e.MaxExpectedBodyLen)}
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return &Error{Code: "08006", text: "the connection broke (" + errno.Error() + "); check the server and the network, then run again"}
	}
	if silent, ok := errors.AsType[*silentError](err); ok {
		return &Error{Code: "08006", text: silent.text()}
	}
	var netErr net.Error
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return &Error{Code: "08006", text: "the server closed the connection; its log says why (restart, crash, or an administrator's command), then run again"}
	case errors.As(err, &netErr) && netErr.Timeout():
		return &Error{Code: "08006", text: "the server did not answer in time; check the server and the network"}
	case strings.Contains(err.Error(), "conn closed"): // pgconn has no exported error for it
		return &Error{Code: "08003", text: "the connection is closed"}
	}
	// The text of an unknown error may contain data. The name of its type cannot.
	return &Error{text: fmt.Sprintf("unexpected failure (%s)", typeNames(err))}
}

func typeNames(err error) string {
	var names []string
	for ; err != nil; err = errors.Unwrap(err) {
		names = append(names, fmt.Sprintf("%T", err))
	}
	return strings.Join(names, " of ")
}

// safeConnect does the same as Safe, for an error of connecting. The error that it returns also has the address. It
// also describes failures that occur only while connecting.
func safeConnect(ctx context.Context, err error, host string, port uint16) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	at := fmt.Sprintf("%s port %d", host, port)
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		safe := fromServer(e)
		safe.text = at + ": " + safe.text
		return safe
	}
	refused := func(why string) error { return &Error{Code: "08001", text: at + ": " + why} }
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return refused("the host name is not known; check the URL")
	}
	if badCertificate(err) {
		return refused("the server's TLS certificate was not accepted; check sslmode and sslrootcert")
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOENT):
		return refused("nothing listens there; check host and port, and that the server runs")
	case noAnswer(err):
		return refused("no answer in time; check host, port and firewall")
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return refused("the host cannot be reached; check the network")
	case strings.Contains(err.Error(), "server refused TLS"): // pgconn has no exported error for it
		return refused("the server does not offer TLS; check sslmode")
	}
	safe := fromConnection(err)
	safe.text = at + ": " + safe.text
	return safe
}

// noAnswer reports whether the server neither accepted nor refused a login in time.
func noAnswer(err error) bool {
	var netErr net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &netErr) && netErr.Timeout()
}

func badCertificate(err error) bool {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &hostname)
}
