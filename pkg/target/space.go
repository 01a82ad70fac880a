package target

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
)

// Space is what a shadow will need on the target server's disk and what is free there, in bytes.
// PostgreSQL does not tell what is free; it is known only where masker runs beside the server and
// may read its data directory. Known is false everywhere else, and then nobody has checked.
type Space struct {
	Need  int64
	Free  int64
	Known bool
}

func (s Space) String() string {
	if !s.Known {
		return fmt.Sprintf("about %s needed; what is free on the target's disk cannot be seen from here", megabytes(s.Need))
	}
	return fmt.Sprintf("about %s needed, %s free", megabytes(s.Need), megabytes(s.Free))
}

func megabytes(n int64) string { return strconv.FormatInt((n+1<<20-1)>>20, 10) + " MB" }

// baseBytes is an empty database, and the WAL a load keeps between two checkpoints at the default max_wal_size.
const baseBytes = 8<<20 + 1<<30

// Estimate says what the shadow will take: the source's tables and indexes, since those that are
// skipped or shortened only make it less. It refuses where the disk is known to be too small.
func (p *Postgres) Estimate(ctx context.Context, source *catalog.Database) (Space, error) {
	s := Space{Need: baseBytes}
	for _, t := range source.Tables {
		s.Need += t.Size.Bytes + t.Size.IndexBytes
	}
	var dir string
	p.mu.Lock()
	err := p.conn.QueryRow(ctx, "SELECT coalesce((SELECT setting FROM pg_settings WHERE name = 'data_directory'), '')").Scan(&dir)
	p.mu.Unlock()
	if err != nil {
		return s, fmt.Errorf("asking for the target's data directory: %w", pgsession.Safe(err))
	}
	// pg_settings hides the row from roles without pg_read_all_settings. A folder of that name here
	// may belong to another server (a container's): only one with this server's identifier counts.
	if dir == "" || controlID(dir) != p.server.systemID {
		return s, nil
	}
	s.Free, s.Known = freeBytes(dir)
	if s.Known && s.Free < s.Need {
		return s, fmt.Errorf("the target's disk is too small: %s; free space there, or skip big tables", s)
	}
	return s, nil
}

// controlID is the system identifier in a data directory, the first field of pg_control, "" where it cannot be read.
func controlID(dir string) string {
	f, err := os.Open(filepath.Join(dir, "global", "pg_control"))
	if err != nil {
		return ""
	}
	defer f.Close()
	var id [8]byte
	if _, err := io.ReadFull(f, id[:]); err != nil {
		return ""
	}
	return strconv.FormatUint(binary.NativeEndian.Uint64(id[:]), 10)
}
