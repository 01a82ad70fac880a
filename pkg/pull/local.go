package pull

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/movement/postgres"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/target"
)

// otherName is the advice for a target that must not be replaced.
const otherName = "masker pull replaces only what it made: drop the database if nobody needs it, or name another one: --to '${LOCAL_URL}'"

// local is a target on a developer's machine. It makes the roles that the source's row security policies name.
type local struct {
	postgres.Destination
	url string
}

// Open implements movement.Destination. Its errors say what to do without a configuration file.
func (l local) Open(ctx context.Context, o movement.Opening) (movement.Target, error) {
	t, err := l.Destination.Open(ctx, o)
	if err == nil {
		return &laptop{t, l.url}, nil
	}
	if pgsession.Code(err) == "08001" {
		return nil, fmt.Errorf("%w; start PostgreSQL on this machine, or name a server: --to '${LOCAL_URL}'", err)
	}
	if refused, ok := errors.AsType[*guard.Refused](err); ok { // another ledger made the target
		return nil, &guard.Refused{Flow: refused.Flow, Why: refused.Why, Next: otherName + "; if both ledgers are yours, give the other one's public key: --key VKEY"}
	}
	// The usual advice is to set adopt in masker.yaml. This target is not in a masker.yaml.
	if why, _, foreign := strings.Cut(err.Error(), ", and the configuration does not adopt it"); foreign && errors.Is(err, sides.ErrRefused) {
		return nil, fmt.Errorf("%w%s; %s",
			sides.ErrRefused, strings.TrimPrefix(why, sides.ErrRefused.Error()), otherName)
	}
	return nil, err
}

// laptop is an opened local.
type laptop struct {
	movement.Target
	url string
}

// Check implements movement.Target. The roles of policies need not exist yet, because Create makes them.
func (l *laptop) Check(ctx context.Context, source *catalog.Database, d sides.Decisions, roles map[string]string) error {
	without := *source
	without.Policies = nil
	return l.Target.Check(ctx, &without, d, roles)
}

// Create implements movement.Target. It is called after the ledger has recorded the start. It makes the missing roles of
// policies, without the right to log in.
func (l *laptop) Create(ctx context.Context, s sides.Shadow) (movement.Shadow, error) {
	s.Roles = map[string]string{}
	for _, policy := range s.Source.Policies {
		for _, role := range policy.Roles {
			s.Roles[role] = role
		}
	}
	var names []string
	for name := range s.Roles {
		names = append(names, name)
	}
	slices.Sort(names)
	if err := target.MakeRoles(ctx, l.url, names); err != nil {
		return nil, err
	}
	return l.Target.Create(ctx, s)
}
