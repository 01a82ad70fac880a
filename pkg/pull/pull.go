// Package pull prepares a movement from a database that masker made to a database on a developer's machine.
//
// A pull needs no rules, no key of treatments and no access to production. The provenance of the source has to prove
// that masker made the source. The caller gives the public key of the ledger that recorded this. The movement itself is
// a copy without rules, which package movement runs.
package pull

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/atomicfile"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/movement/postgres"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/source"
	"github.com/masker-project/masker/pkg/subset"
)

// Request says what to pull, and where to.
type Request struct {
	Name    string             // how the user named the source
	Kind    guard.Kind         // kind of the source in the configuration, or "" if the configuration does not have it
	From    string             // URL of the source
	To      string             // URL of the target, or "" for the default: the local server, and the source's name with _local
	Keys    []string           // public keys of ledgers. Folder has the keys of earlier pulls
	Folder  string             // the user's folder for the ledger and the known keys
	Subset  *subset.Definition // nil for all rows
	Allow   []string           // codes of guard that the user allows
	Workers int
}

// Prepared is a movement that is ready to run.
type Prepared struct {
	Spec   movement.Spec // the program still has to set Report, Version, Binary, Actor, Now and Fault
	Target string        // URL
}

// Prepare proves where the source comes from, and describes the movement. If the proof fails, the error is a
// *guard.Refused. Prepare reads no row. If the source is proven, it remembers the keys for the next pull.
func Prepare(ctx context.Context, r Request) (p Prepared, err error) {
	known, err := r.knownKeys()
	if err != nil {
		return p, err
	}
	claim, err := source.ReadProvenance(ctx, r.From)
	if err != nil {
		return p, fmt.Errorf("source %s: %w", r.Name, err)
	}
	keys := append(slices.Clone(r.Keys), known...)
	origin, why := movement.OriginOf(provenance.Judge(claim, keys))
	if origin == nil {
		return p, r.refuse(why, len(keys) == 0)
	}
	p.Target = r.To
	if p.Target == "" {
		p.Target = "postgres:///" + strings.ReplaceAll(claim.Database, "%", "%25") + "_local"
	}
	if p.Spec, err = r.spec(*origin, p.Target, keys); err != nil {
		return p, err
	}
	return p, r.remember(known)
}

// refuse returns the error for a source that is not proven.
func (r Request) refuse(why string, noKey bool) error {
	next := "refresh it with masker, or pull from an environment that masker has refreshed; masker provenance shows each step"
	if noKey {
		next = "give the public key of the ledger that recorded its refresh: --key VKEY. masker ledger key prints the key where the refresh runs. The key is needed once"
	}
	return &guard.Refused{Why: fmt.Sprintf("nothing proves that %s is not production: %s", r.Name, why), Next: next}
}

// spec describes the movement.
func (r Request) spec(from guard.Origin, to string, keys []string) (movement.Spec, error) {
	kind := r.Kind
	if kind == "" {
		kind = from.Kind
	}
	s := movement.Spec{
		Flow: guard.Flow{
			Name: "pull-" + from.Environment, Required: guard.Default, Verify: guard.VerifyCounts,
			From: guard.Environment{Name: from.Environment, Kind: kind},
			To:   guard.Environment{Name: "local", Kind: guard.Local},
			// These checks protect a production database. They are not needed here, because it is proven that the
			// source is not production.
			Allow: append([]string{guard.EqualCredentials, guard.SourceCanWrite, guard.TargetReadsSource}, r.Allow...),
		},
		Subset: r.Subset, Workers: r.Workers,
		From:     postgres.Origin{URL: r.From},
		To:       local{Destination: postgres.Destination{URL: to, KeepPrevious: 1}, url: to},
		Apart:    func(ctx context.Context) (bool, string, error) { return postgres.Apart(ctx, r.From, to) },
		Verifier: postgres.Verifier{URL: to},
		Ledger:   movement.Ledger{Dir: filepath.Join(r.Folder, "ledger"), Trusted: keys},
		Key:      movement.Key{Ring: keyring.Random(), PerRun: true},
	}
	return s, s.Flow.Check()
}

// keysFile is the file with the public keys that were given for pulls whose source was proven.
func (r Request) keysFile() string { return filepath.Join(r.Folder, "trusted") }

// knownKeys returns the public keys that earlier pulls have remembered.
func (r Request) knownKeys() ([]string, error) {
	data, err := os.ReadFile(r.keysFile())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the known keys: %w", err)
	}
	return strings.Fields(string(data)), nil
}

// remember adds the keys of the request to the file of known keys, so that the next pull needs no key.
func (r Request) remember(known []string) error {
	all := slices.Clone(known)
	for _, key := range r.Keys {
		if key = strings.TrimSpace(key); !slices.Contains(all, key) {
			all = append(all, key)
		}
	}
	if len(all) == len(known) {
		return nil
	}
	if err := os.MkdirAll(r.Folder, 0o700); err != nil {
		return fmt.Errorf("the folder for the laptop's ledger: %w", err)
	}
	return atomicfile.Write(r.keysFile(), []byte(strings.Join(all, "\n")+"\n"), 0o600)
}
