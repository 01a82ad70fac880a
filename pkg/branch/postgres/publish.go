package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/branch"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/target"
)

// renameTries is how often Publish tries to take the name from the old branch while clients come back into it.
const renameTries = 3

// Publish implements branch.Server.
func (s *Server) Publish(ctx context.Context, p branch.Publishing) (notes []string, err error) {
	like, err := s.readLike(ctx, p)
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		notes = nil
		err = s.transaction(ctx, "giving the branch its name "+p.Name, func() error { notes, err = s.publish(ctx, p, like); return err })
		if p.Old == nil || pgsession.Code(err) != inUse || try == renameTries {
			return notes, err
		}
	}
}

// inUse is the SQLSTATE of a database that cannot be copied or renamed because of a session in it.
const inUse = "55006"

// like holds the properties of the target that a branch gets.
type like struct {
	comment, owner string
	carried        []string // statements for the branch under its final name
}

func (s *Server) readLike(ctx context.Context, p branch.Publishing) (l like, err error) {
	err = s.conn.QueryRow(ctx, "SELECT coalesce(shobj_description(oid, 'pg_database'), ''), pg_get_userbyid(datdba)::text FROM pg_database WHERE oid = $1", p.Like.OID).Scan(&l.comment, &l.owner)
	switch {
	case errors.Is(err, pgx.ErrNoRows): // a refresh has replaced and dropped the target
		return l, branch.ErrChanged
	case err != nil:
		return l, fmt.Errorf("reading the target's owner and comment: %w", pgsession.Safe(err))
	}
	carried, err := target.Carried(ctx, s.conn, p.Like.OID)
	if err != nil {
		return l, err
	}
	l.carried = carried(catalog.Quote(p.Name))
	return l, nil
}

// publish runs in the transaction that gives a copy the name of the branch.
func (s *Server) publish(ctx context.Context, p branch.Publishing, l like) (notes []string, err error) {
	if p.Old != nil {
		if err := s.stepAside(ctx, p); err != nil {
			return nil, err
		}
	}
	db := catalog.Quote(p.Name)
	if err := s.exec(ctx, "ALTER DATABASE "+catalog.Quote(p.Copy.Name)+" RENAME TO "+db); err != nil {
		return nil, err
	}
	if err := s.checkSame(ctx, branch.Database{Name: p.Name, OID: p.Copy.OID}); err != nil {
		return nil, err
	}
	for _, sql := range l.carried {
		if err := s.exec(ctx, "SAVEPOINT carried"); err != nil {
			return nil, err
		}
		err := s.exec(ctx, sql)
		note := target.NotCarried(err, sql)
		switch {
		case note != "":
			notes = append(notes, note)
			err = s.exec(ctx, "ROLLBACK TO carried")
		case err == nil:
			err = s.exec(ctx, "RELEASE carried")
		}
		if err != nil {
			return nil, err
		}
	}
	if err := s.exec(ctx, "COMMENT ON DATABASE "+db+" IS "+catalog.Literal(p.Mark.In(l.comment))); err != nil {
		return nil, err
	}
	if l.owner != s.role {
		if err := s.exec(ctx, "ALTER DATABASE "+db+" OWNER TO "+catalog.Quote(l.owner)); err != nil {
			return nil, fmt.Errorf("cannot make %s, who owns the target, the owner of the branch: %w", l.owner, err)
		}
	}
	return notes, nil
}

// stepAside ends the sessions in the old branch, gives the old branch another name, and marks it.
func (s *Server) stepAside(ctx context.Context, p branch.Publishing) error {
	if err := s.exec(ctx, fmt.Sprintf("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usesysid IS NOT NULL AND datid = %d", p.Old.OID)); err != nil {
		return fmt.Errorf("ending the sessions of %s: %w", p.Old.Name, s.mayNot(err, p.Old.Name))
	}
	if err := s.exec(ctx, "ALTER DATABASE "+catalog.Quote(p.Old.Name)+" RENAME TO "+catalog.Quote(p.OldName)); err != nil {
		return s.mayNot(err, p.Old.Name)
	}
	if err := s.checkSame(ctx, branch.Database{Name: p.OldName, OID: p.Old.OID}); err != nil {
		return err
	}
	return s.exec(ctx, "COMMENT ON DATABASE "+catalog.Quote(p.OldName)+" IS "+catalog.Literal(p.OldMark.Line()))
}

// Copy implements branch.Server.
func (s *Server) Copy(ctx context.Context, from branch.Database, name string) (made branch.Database, err error) {
	if now, err := s.oid(ctx, from.Name); err != nil || now != from.OID {
		return made, cmp.Or(err, branch.ErrChanged)
	}
	made.Name = name
	if made.Bytes, err = s.copy(ctx, from, name); err != nil {
		return made, copyError(from, err)
	}
	if made.OID, err = s.oid(ctx, name); err != nil {
		return made, err
	}
	switch now, err := s.oid(ctx, from.Name); {
	case err != nil:
		return made, err
	case now != from.OID:
		if err := s.Drop(ctx, made); err != nil {
			return made, fmt.Errorf("dropping the copy of another database: %w", err)
		}
		return made, branch.ErrChanged
	}
	return made, nil
}

// copyError says what to do about an error of CREATE DATABASE.
func copyError(from branch.Database, err error) error {
	err = fmt.Errorf("copying database %s: %w", from.Name, err)
	switch pgsession.Code(err) {
	case inUse:
		return fmt.Errorf("%w: %w; somebody is in the database that is copied, see pg_stat_activity; end that session and try again", sides.ErrRefused, err)
	case "42501":
		return fmt.Errorf("%w: %w; the role needs CREATEDB, and must own the database that is copied or be a member of its owner", sides.ErrRefused, err)
	case "3D000": // a refresh has replaced and dropped the database
		return fmt.Errorf("%w: %w", branch.ErrChanged, err)
	case "53100":
		return fmt.Errorf("%w; the server's disk is full, and the copy was removed; free space there, or drop branches that nobody needs", err)
	}
	return err
}
