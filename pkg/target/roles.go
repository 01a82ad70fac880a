package target

import (
	"context"
	"fmt"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
)

// MakeRoles makes the roles that a server does not have, without the right to log in. It changes no role that exists.
func MakeRoles(ctx context.Context, url string, names []string) error {
	if len(names) == 0 {
		return nil
	}
	conn, err := pgsession.Connect(ctx, url, pgsession.Options{Name: "roles", Database: Options{}.withDefaults().Maintenance})
	if err != nil {
		return fmt.Errorf("making roles: %w", err)
	}
	defer closeConn(conn)
	for _, name := range names {
		var exists bool
		if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", name).Scan(&exists); err != nil {
			return fmt.Errorf("making role %s: %w", name, pgsession.Safe(err))
		}
		if exists {
			continue
		}
		// Two pulls at the same time may make the same role.
		if _, err := conn.Exec(ctx, "CREATE ROLE "+catalog.Quote(name)+" NOLOGIN"); err != nil && pgsession.Code(err) != "42710" {
			return fmt.Errorf("making role %s, which a row security policy names: %w; CREATE ROLE %s", name, pgsession.Safe(err), catalog.Quote(name))
		}
	}
	return nil
}
