package postgres

import (
	"context"
	"fmt"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/branch"
	"github.com/masker-project/masker/pkg/catalog"
)

// largeBytes is a size in bytes. For a larger database, copying the files is faster than writing all pages to the
// write-ahead log (WAL), although it needs two checkpoints.
const largeBytes = 64 << 20

// copy copies a database, and returns its size. There are several ways to copy. The server's version and its file
// system decide which ones work. So copy tries them in order, the fastest first.
func (s *Server) copy(ctx context.Context, from branch.Database, name string) (bytes int64, err error) {
	create := "CREATE DATABASE " + catalog.Quote(name) + " TEMPLATE " + catalog.Quote(from.Name) + " ALLOW_CONNECTIONS false"
	bytes, clones, err := s.look(ctx, from)
	if err != nil {
		return 0, err
	}
	for _, way := range ways(bytes, clones) {
		if way.set != "" {
			if err = s.exec(ctx, way.set); err != nil {
				continue
			}
		}
		err = s.exec(ctx, create+way.strategy)
		switch pgsession.Code(err) {
		case "", inUse, "42P04", "42501", "53100", "57014", "3D000":
			return bytes, err
		}
		if s.conn.IsClosed() || ctx.Err() != nil {
			return bytes, err
		}
	}
	return bytes, err
}

// way is one way to copy a database.
type way struct{ set, strategy string }

// look returns the size of a database, or 0 if the role may not know it: the server then refuses the size, although the
// owner of the database may copy it. It also asks whether the server knows how to share the blocks of files.
func (s *Server) look(ctx context.Context, d branch.Database) (bytes int64, clones bool, err error) {
	err = s.conn.QueryRow(ctx, `SELECT coalesce(CASE WHEN has_database_privilege($1::oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE') THEN pg_database_size($1::oid) END, 0),
		EXISTS (SELECT FROM pg_settings WHERE name = 'file_copy_method' AND 'clone' = ANY (enumvals))`,
		d.OID).Scan(&bytes, &clones)
	if err != nil {
		err = fmt.Errorf("looking at the size of database %s: %w", d.Name, pgsession.Safe(err))
	}
	return bytes, clones, err
}

// ways returns the ways to copy a database, the fastest first. An old server does not know the option STRATEGY and
// reports a syntax error. Such a server always copies files.
func ways(bytes int64, clones bool) []way {
	if bytes < largeBytes {
		return []way{{"", ""}}
	}
	files := []way{{"", " STRATEGY file_copy"}, {"", ""}}
	if !clones {
		return files
	}
	return append([]way{{"SET file_copy_method = clone", " STRATEGY file_copy"}, {"RESET file_copy_method", " STRATEGY file_copy"}}, files[1:]...)
}
