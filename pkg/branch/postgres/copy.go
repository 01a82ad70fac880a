package postgres

import (
	"context"
	"fmt"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/branch"
	"github.com/masker-project/masker/pkg/catalog"
)

// largeBytes is the size from which the server copies a database faster by copying its files than by writing all its
// pages to the write-ahead log (WAL), although the copy of files needs two checkpoints.
const largeBytes = 64 << 20

// copy copies a database. The server's file system decides which way works, so copy tries the fastest way first.
func (s *Server) copy(ctx context.Context, from branch.Database, name string) (err error) {
	create := "CREATE DATABASE " + catalog.Quote(name) + " TEMPLATE " + catalog.Quote(from.Name) + " ALLOW_CONNECTIONS false"
	ways, err := s.ways(ctx, from)
	if err != nil {
		return err
	}
	for _, way := range ways {
		if way.set != "" {
			if err = s.exec(ctx, way.set); err != nil {
				continue
			}
		}
		err = s.exec(ctx, create+way.strategy)
		switch pgsession.Code(err) {
		case "", inUse, "42P04", "42501", "53100", "57014", "3D000":
			return err
		}
		if s.conn.IsClosed() || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// way is one way to copy a database.
type way struct{ set, strategy string }

// ways returns the ways to copy a database, the fastest first. A server that knows no STRATEGY refuses it as a syntax
// error, and copies files anyway.
func (s *Server) ways(ctx context.Context, from branch.Database) ([]way, error) {
	var bytes int64
	var clones bool
	err := s.conn.QueryRow(ctx, `SELECT coalesce(pg_database_size($1::oid), 0), EXISTS (SELECT FROM pg_settings WHERE name = 'file_copy_method' AND 'clone' = ANY (enumvals))`,
		from.OID).Scan(&bytes, &clones)
	if err != nil {
		return nil, fmt.Errorf("looking at the size of database %s: %w", from.Name, pgsession.Safe(err))
	}
	if bytes < largeBytes {
		return []way{{"", ""}}, nil
	}
	files := []way{{"", " STRATEGY file_copy"}, {"", ""}}
	if !clones {
		return files, nil
	}
	return append([]way{{"SET file_copy_method = clone", " STRATEGY file_copy"}, {"RESET file_copy_method", " STRATEGY file_copy"}}, files[1:]...), nil
}
