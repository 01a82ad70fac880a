// Package source reads snapshots: a live PostgreSQL under one exported snapshot. It
// streams rows as raw COPY blocks and never looks into them, and it reads the catalog,
// sequences, large objects and the DDL of the same moment.
//
// It must not hurt production: it never waits in a lock queue, and ends when somebody
// waits behind it. It never writes. No error of it carries a value.
package source
