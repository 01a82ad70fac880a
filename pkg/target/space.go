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
)

// Space is how much space a shadow needs on the disk of the target's server, and how much is free there, in bytes.
// PostgreSQL does not say how much is free. Free is known only if masker runs on the same machine and may read the
// server's data directory.
type Space struct {
	Need  int64
	Free  int64
	Known bool // Free is known; otherwise nobody has checked

	Template int64 // the part of Need that is for the template for branches
}

func (s Space) String() string {
	need := fmt.Sprintf("about %s needed, of which %s are for an empty database and WAL", megabytes(s.Need), megabytes(baseBytes))
	if s.Template > 0 {
		need += fmt.Sprintf(", and %s for the template", megabytes(s.Template))
	}
	if !s.Known {
		return need + "; masker cannot see from here how much is free on the target's disk"
	}
	return need + "; " + megabytes(s.Free) + " free"
}

func megabytes(n int64) string { return strconv.FormatInt((n+1<<20-1)>>20, 10) + " MB" }

// emptyBytes is the size of an empty database. baseBytes is this size plus the write-ahead log (WAL) between two
// checkpoints at the default max_wal_size.
const (
	emptyBytes = 8 << 20
	baseBytes  = emptyBytes + 1<<30
)

// Estimate returns how much space the shadow needs for tables and indexes of the given number of bytes. It returns an
// error if it finds that the disk is too small.
func (p *Postgres) Estimate(ctx context.Context, bytes int64) (Space, error) {
	s := Space{Need: baseBytes + bytes}
	without := ""
	if p.opts.Template {
		s.Template = emptyBytes + bytes
		s.Need += s.Template
		without = ", or make no template (branches: {template: true})"
	}
	var dir string
	p.mu.Lock()
	err := p.conn.QueryRow(ctx, "SELECT coalesce((SELECT setting FROM pg_settings WHERE name = 'data_directory'), '')").Scan(&dir)
	p.mu.Unlock()
	if err != nil {
		return s, fmt.Errorf("asking for the target's data directory: %w", pgsession.Safe(err))
	}
	// pg_settings hides the row from roles without pg_read_all_settings. A folder of that name on this machine may
	// belong to another server, for example if the server runs in a container. The system identifier shows whether the
	// folder belongs to the target's server.
	if dir == "" || controlID(dir) != p.server.systemID {
		return s, nil
	}
	s.Free, s.Known = freeBytes(dir)
	if s.Known && s.Free < s.Need {
		return s, fmt.Errorf("the target's disk is too small: %s; free space there, skip big tables, or copy a subset%s", s, without)
	}
	return s, nil
}

// controlID returns the system identifier in a data directory, which is the first field of pg_control. It returns "" if
// the file cannot be read.
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
