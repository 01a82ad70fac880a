package target

import (
	"context"
	"fmt"

	"github.com/masker-project/masker/pkg/catalog"
)

// Keep ends masker's sessions in the shadow and leaves it on the server. It revokes all rights on the database from
// everybody except its owner, because a hook may have granted some. The mark stays, so that Recover can drop the
// shadow.
func (s *Shadow) Keep(ctx context.Context) error {
	s.closeWorkers()
	p := s.target
	p.mu.Lock()
	err := checkSame(ctx, p.conn, s.name, s.oid)
	p.mu.Unlock()
	if err != nil {
		return err
	}
	revoke := fmt.Sprintf(`DECLARE role text; BEGIN
		FOR role IN SELECT DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END
			FROM pg_database, aclexplode(datacl) WHERE datname = %s AND grantee <> datdba
		LOOP EXECUTE 'REVOKE ALL ON DATABASE ' || %s || ' FROM ' || role || ' CASCADE'; END LOOP;
	END`, catalog.Literal(s.name), catalog.Literal(catalog.Quote(s.name)))
	if err := p.exec(ctx, "DO "+catalog.Literal(revoke)); err != nil {
		return fmt.Errorf("closing the shadow %s to everybody but its owner: %w", s.name, err)
	}
	return nil
}
